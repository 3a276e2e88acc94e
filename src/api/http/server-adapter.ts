import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import type { HttpConfig } from '../../config/http.config.js';
import type { ErrorCode } from '../../shared/exceptions/error-catalogue.js';
import { BODY_LIMIT_BYTES } from './body-limits.js';
import { PROBLEM_JSON, sendProblem, toProblem, type Problem } from './problem.js';
import { makeRequestId, REQUEST_ID_HEADER, requestIdOf } from './request-id.js';
import { EARLY_HEADERS } from './security-headers.js';
import { HeldAnswer, type UnreadAnswers } from './unread-answers.js';

const REQUEST_TIMEOUT_MS = 15_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** Interval at which Node enforces the two limits above. */
const TIMEOUT_CHECK_MS = 1_000;
/** Exceeds the keep-alive of common load balancers, so that they close first. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** Closes a connection without a byte in either direction; Node doubles it while an answer waits to be sent. */
const STALL_TIMEOUT_MS = 35_000;
/** Each connection costs memory before its first request. */
const MAX_CONNECTIONS = 10_000;
/** Exceeds Node's default of 511, so that a burst of connections waits instead of being reset. */
export const LISTEN_BACKLOG = 4096;

export const MALFORMED_DETAIL = 'This is not a well-formed HTTP request for this service.';

/** Refusals of Node's parser, by its error codes; every other one is malformed. */
const CODE_OF_PARSER_ERROR: Readonly<Record<string, ErrorCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
};

/** The part of a socket by which Node, too, sees whether an answer has begun. */
type ServerSocket = Socket & { readonly _httpMessage?: ServerResponse | null };

/** Creates the HTTP server with its limits, proxies, and problems for requests that reach no route. */
export function createServerAdapter({ trustedProxies }: HttpConfig, answers: UnreadAnswers): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    serverFactory: (handle: RequestListener) => createLimitedServer(handle, answers),
    forceCloseConnections: 'idle',
    // `refuseWhileClosing` answers with a problem instead.
    return503OnClosing: false,
    // `requestIdOf` checks the header; Fastify would take any text.
    requestIdHeader: false,
    genReqId: requestIdOf,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    frameworkErrors: (_error: unknown, _request: unknown, reply: FastifyReply) => {
      void sendProblem(
        reply.headers(EARLY_HEADERS).header(REQUEST_ID_HEADER, reply.request.id),
        toProblem('request_malformed', { detail: MALFORMED_DETAIL }),
      );
    },
    clientErrorHandler: (error, socket) => {
      refuseUnparsed(error, socket);
    },
  });
}

function createLimitedServer(handle: RequestListener, answers: UnreadAnswers): Server {
  const server = createServer(
    {
      ServerResponse: HeldAnswer,
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      // `refuseAmbiguousHosts` answers with a problem instead.
      requireHostHeader: false,
    },
    answers.admit(handle),
  );
  server.setTimeout(STALL_TIMEOUT_MS);
  server.maxConnections = MAX_CONNECTIONS;
  // Node hands these requests over by this event alone.
  server.on('checkExpectation', answers.admit(refuseExpectation));
  return server as unknown as Server;
}

function refuseExpectation(request: IncomingMessage, response: ServerResponse): void {
  const requestId = requestIdOf(request);
  const problem = toProblem('request_refused', {
    status: 417,
    detail: 'This service meets no expectation but 100-continue.',
  });
  response.writeHead(417, {
    ...EARLY_HEADERS,
    [REQUEST_ID_HEADER]: requestId,
    'content-type': PROBLEM_JSON,
    connection: 'close',
  });
  response.end(JSON.stringify({ ...problem, requestId }));
}

/**
 * Answers what Node could not parse or wait for. Within an answer that has begun, clients would take the text for its
 * content; after an answer of ours, the client keeps a connection open that serves nothing any more.
 */
export function refuseUnparsed(error: { readonly code: string }, socket: ServerSocket): void {
  if (socket.writable && socket._httpMessage?.headersSent !== true)
    socket.end(toRawResponse(describeParserError(error)));
  else socket.destroy();
}

function describeParserError({ code }: { readonly code: string }): Problem {
  const known = CODE_OF_PARSER_ERROR[code];
  return known === undefined
    ? toProblem('request_malformed', { detail: MALFORMED_DETAIL })
    : toProblem(known);
}

function toRawResponse(problem: Problem): string {
  const requestId = makeRequestId();
  const body = JSON.stringify({ ...problem, requestId });
  const headers = Object.entries({ ...EARLY_HEADERS, [REQUEST_ID_HEADER]: requestId }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return (
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\nContent-Type: ${PROBLEM_JSON}\r\n` +
    `${headers.join('')}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
  );
}
