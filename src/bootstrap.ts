import compress from '@fastify/compress';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import { AppModule } from './app.module.js';
import type { ReadyConfiguration } from './config/configuration.js';
import { AppLogger } from './logger.js';
import { problemText } from './shared/filters/domain-exception.filter.js';
import { BODY_LIMIT_BYTES, limitBodies } from './api/http/body-limits.js';
import { replyWithProblem } from './api/http/problem-reply.js';
import { limitRequests, RATE_LIMIT_STORE, type RateLimitStore } from './api/http/rate-limits.js';
import { EARLY_HEADERS, guardAnswers } from './api/http/security-headers.js';
import { httpRequestDurationSeconds } from './shared/metrics/metrics.js';

/** For the whole request to arrive: a client that sends slower is cut off. */
const REQUEST_TIMEOUT_MS = 15_000;
/** For its headers alone; how often both limits are looked at. */
const HEADERS_TIMEOUT_MS = 10_000;
const TIMEOUT_CHECK_MS = 1_000;
/** Beyond it connections are refused: each costs memory before it has said a word. */
const MAX_CONNECTIONS = 10_000;
/** Longer than load balancers usually keep theirs, so that they and not we close first. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** Without a byte in either direction while there is something to do; what waits to be sent is given this twice. */
const STALL_TIMEOUT_MS = 35_000;

const DOCS_FILES_ROUTE = '/api/docs/*';
/** What the page of the API docs asks for. */
const DOCS_FILES: ReadonlySet<string> = new Set([
  'favicon-16x16.png',
  'favicon-32x32.png',
  'swagger-ui-bundle.js',
  'swagger-ui-standalone-preset.js',
  'swagger-ui.css',
]);

const PROBLEM_JSON = 'application/problem+json';
const MALFORMED = {
  status: 400,
  code: 'request_malformed',
  detail: 'This is no well-formed HTTP request for this service.',
};
/** What Node refuses before there is a request, by its error codes; all else is malformed. */
const CONNECTION_PROBLEMS: Readonly<Record<string, typeof MALFORMED>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'request_timeout',
    detail: 'The request did not arrive in time. Send it again.',
  },
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'headers_too_large',
    detail: 'The headers of the request are larger than this service accepts.',
  },
};

/** The configured application, not yet listening: for `main.ts` and for tests alike. */
export async function createApp(config: ReadyConfiguration): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionTimeout: STALL_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    // We say it ourselves, as a problem.
    return503OnClosing: false,
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      // Checked in a hook, which answers with a problem.
      requireHostHeader: false,
    },
    trustProxy: config.http.trustedProxies.length > 0 ? [...config.http.trustedProxies] : false,
    // Such keys vanish: in an event's properties they must not fail the whole batch.
    onProtoPoisoning: 'remove',
    onConstructorPoisoning: 'remove',
    // What Fastify refuses before there is a route: still a problem, and nothing of the request in it.
    frameworkErrors: (_error: unknown, _request: unknown, reply: FastifyReply) => {
      const { status, code, detail } = MALFORMED;
      void reply
        .headers(EARLY_HEADERS)
        .status(status)
        .type(PROBLEM_JSON)
        .send(problemText(status, code, detail));
    },
    clientErrorHandler: (error, socket) => {
      if (!socket.writable) return;
      const { status, code, detail } = CONNECTION_PROBLEMS[error.code] ?? MALFORMED;
      const body = problemText(status, code, detail);
      const headers = Object.entries(EARLY_HEADERS).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.end(
        `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: ${PROBLEM_JSON}\r\n${headers.join('')}` +
          `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      );
    },
  });
  const fastify = adapter.getInstance();
  fastify.addHook('onRequest', (request, _reply, done) => {
    // Content codings know no case (RFC 9110, 8.4.1), and "identity" means none.
    const coding = request.headers['content-encoding']?.trim().toLowerCase();
    if (coding === 'identity') delete request.headers['content-encoding'];
    else if (coding !== undefined)
      request.headers['content-encoding'] = coding === 'x-gzip' ? 'gzip' : coding;
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    // By pattern, never by address: the number of series stays bounded.
    httpRequestDurationSeconds.observe(
      { method: request.method, route: request.routeOptions.url ?? 'unknown', status: reply.statusCode },
      reply.elapsedTime / 1000,
    );
    done();
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.register(config, { role: 'service' }),
    adapter,
    { bodyParser: false, abortOnError: false, logger: new AppLogger(config.app) },
  );
  fastify.server.maxConnections = MAX_CONNECTIONS;
  await guardAnswers(fastify, config.http);
  refuseWhileClosing(fastify);
  refuseUnclearHosts(fastify);
  refuseExpectations(fastify);
  await limitRequests(
    fastify,
    config.http.limits,
    app.get<RateLimitStore>(RATE_LIMIT_STORE, { strict: false }),
  );
  await fastify.register(compress, {
    globalCompression: false,
    globalDecompression: true,
    requestEncodings: ['gzip'],
  });
  limitBodies(fastify);
  hideFilesOfNoPage(fastify);
  SwaggerModule.setup('api/docs', app, () => createOpenApiDocument(app, config.http.docsShowInternal), {
    jsonDocumentUrl: 'api/docs-json',
  });
  return app;
}

/** Connections that were open before go on asking; they are told, and closed. */
function refuseWhileClosing(fastify: FastifyInstance): void {
  let closing = false;
  fastify.addHook('preClose', (done) => {
    closing = true;
    done();
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!closing) {
      done();
      return;
    }
    void reply.header('connection', 'close');
    void replyWithProblem(request, reply, {
      status: 503,
      code: 'shutting_down',
      detail: 'This instance is stopping. Send the same request again, over a new connection.',
      retryAfterSeconds: 1,
    });
  });
}

/** One Host header (RFC 9112, 3.2): with two, a proxy before us may have gone by the other. */
function refuseUnclearHosts(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const { rawHeaders, httpVersion } = request.raw;
    const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
    if (hosts === 1 || (hosts === 0 && httpVersion === '1.0')) {
      done();
      return;
    }
    void reply.header('connection', 'close');
    void replyWithProblem(request, reply, MALFORMED);
  });
}

/** The package with the page has its version and sources in it, too. */
function hideFilesOfNoPage(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.url !== DOCS_FILES_ROUTE) {
      done();
      return;
    }
    const { '*': file } = request.params as { readonly '*': string };
    if (DOCS_FILES.has(file)) done();
    else reply.callNotFound();
  });
}

function refuseExpectations(fastify: FastifyInstance): void {
  fastify.server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(417, { ...EARLY_HEADERS, 'content-type': PROBLEM_JSON, connection: 'close' });
    response.end(problemText(417, 'request_refused', 'This service meets no expectation but 100-continue.'));
  });
}

export function createOpenApiDocument(app: NestFastifyApplication, showInternal: boolean): OpenAPIObject {
  const document = SwaggerModule.createDocument(
    app,
    new DocumentBuilder()
      .setTitle('Analytics & Presence')
      .setDescription(
        'User activity and presence: events in; daily active users, online users and their history out.',
      )
      .setVersion('1')
      .addBearerAuth({
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: 'Of the Identity service',
      })
      .addApiKey({ type: 'apiKey', in: 'header', name: 'X-Internal-Api-Key' }, 'internal-key')
      .build(),
  );
  if (showInternal) return document;
  const { 'internal-key': _internal, ...securitySchemes } = document.components?.securitySchemes ?? {};
  return {
    ...document,
    components: { ...document.components, securitySchemes },
    paths: Object.fromEntries(
      Object.entries(document.paths).filter(([path]) => !path.startsWith('/internal/')),
    ),
  };
}
