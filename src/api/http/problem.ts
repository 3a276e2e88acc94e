import { STATUS_CODES } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FieldError } from '../../shared/exceptions/application.exception.js';
import { ERROR_CATALOGUE, type ErrorCode } from '../../shared/exceptions/error-catalogue.js';
import { ERROR_KINDS } from '../../shared/exceptions/error-kinds.js';

const MIB = 1024 * 1024;

export const PROBLEM_JSON = 'application/problem+json';

/** The body of every error answer (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Path of the request, without its query; absent when the request was never parsed. */
  readonly instance?: string;
  /** Stable; clients branch on it. */
  readonly code: ErrorCode;
  /** Each wrong field. */
  readonly errors?: readonly FieldError[];
  /** The `X-Request-Id` of the answer. */
  readonly requestId?: string;
}

export interface ProblemOptions {
  /** The catalogue's text when absent. */
  readonly detail?: string | undefined;
  readonly instance?: string | undefined;
  readonly errors?: readonly FieldError[] | undefined;
  /** Overrides the status of the code's kind: `request_refused` stands for any 4xx. */
  readonly status?: number | undefined;
}

/** Headers of an answer that was chosen, and that a problem replaces before its first byte, such as a file. */
const HEADERS_OF_CONTENT = [
  'content-disposition',
  'content-encoding',
  'content-length',
  'etag',
  'last-modified',
] as const;

/** The codes of refusals by Node and Fastify, which know only a status. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'request_malformed',
  404: 'route_not_found',
  405: 'method_not_allowed',
  413: 'body_too_large',
  415: 'content_type_unsupported',
};

export function toProblem(code: ErrorCode, options: ProblemOptions = {}): Problem {
  const entry = ERROR_CATALOGUE[code];
  const kind = ERROR_KINDS[entry.kind];
  const { status = kind.status, detail = entry.detail, instance, errors } = options;
  return {
    type: `urn:problem:analytics-presence:${code}`,
    title: status === kind.status ? kind.title : (STATUS_CODES[status] ?? 'Error'),
    status,
    detail,
    ...(instance !== undefined && { instance }),
    code,
    ...(errors !== undefined && { errors }),
  };
}

/** Describes a refusal that has a status and no code of ours. The framework's own words are never repeated. */
export function toRefusal(status: number, request: FastifyRequest): Problem {
  const instance = instanceOf(request);
  const code = CODE_OF_STATUS[status];
  if (code === 'body_too_large') return toProblem(code, { instance, detail: describeBodyLimit(request) });
  if (code !== undefined) return toProblem(code, { instance });
  return toProblem('request_refused', { status, detail: STATUS_CODES[status], instance });
}

function describeBodyLimit({ routeOptions, headers }: FastifyRequest): string {
  const { bodyLimit, url } = routeOptions;
  const limit = bodyLimit < MIB ? `${bodyLimit / 1024} KiB` : `${bodyLimit / MIB} MiB`;
  const isCompressed = headers['content-encoding'] !== undefined;
  const nextStep = url === '/presence/heartbeat' ? 'send the three fields alone' : 'split the batch';
  return `The body must have at most ${limit}${isCompressed ? ' after decompression' : ''}, it has more: ${nextStep}`;
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  for (const name of HEADERS_OF_CONTENT) if (reply.hasHeader(name)) reply.removeHeader(name);
  return reply
    .status(problem.status)
    .header('cache-control', 'no-store')
    .type(PROBLEM_JSON)
    .send(JSON.stringify({ ...problem, requestId: reply.request.id }));
}

/** Answers from a hook, before a handler could throw. */
export function refuseRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  code: ErrorCode,
  { retryAfterSeconds, ...options }: ProblemOptions & { readonly retryAfterSeconds?: number } = {},
): FastifyReply {
  const waitSeconds = retryAfterSeconds ?? ERROR_CATALOGUE[code].retryAfterSeconds;
  if (waitSeconds !== undefined) void reply.header('retry-after', waitSeconds);
  return sendProblem(reply, toProblem(code, { instance: instanceOf(request), ...options }));
}

/** Leaves the query out, which may hold secrets. */
export function instanceOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '/';
}
