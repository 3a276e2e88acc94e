import compress from '@fastify/compress';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AppModule } from './app.module.js';
import type { ReadyConfiguration } from './config/configuration.js';
import { AppLogger } from './logger.js';
import { problemText } from './shared/filters/domain-exception.filter.js';
import { httpRequestDurationSeconds } from './shared/metrics/metrics.js';

/** After decompression. */
const BODY_LIMIT_BYTES = 1024 * 1024;
/** A heartbeat has three short fields. */
const HEARTBEAT_BODY_LIMIT_BYTES = 4 * 1024;
/** For the whole request to arrive: a client that sends slower is cut off. */
const REQUEST_TIMEOUT_MS = 15_000;
/** Longer than load balancers usually keep theirs, so that they and not we close first. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

const PROBLEM_JSON = 'application/problem+json';
const MALFORMED_REQUEST = 'This is no well-formed HTTP request for this service.';

/** The configured application, not yet listening: for `main.ts` and for tests alike. */
export async function createApp(config: ReadyConfiguration): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    // Such keys vanish: in an event's properties they must not fail the whole batch.
    onProtoPoisoning: 'remove',
    onConstructorPoisoning: 'remove',
    // What Fastify refuses before there is a route: still a problem, and nothing of the request in it.
    frameworkErrors: (_error: unknown, _request: unknown, reply: FastifyReply) => {
      void reply
        .status(400)
        .type(PROBLEM_JSON)
        .send(problemText(400, 'request_malformed', MALFORMED_REQUEST));
    },
    clientErrorHandler: (_error, socket) => {
      if (!socket.writable) return;
      const body = problemText(400, 'request_malformed', MALFORMED_REQUEST);
      socket.end(
        `HTTP/1.1 400 Bad Request\r\nContent-Type: ${PROBLEM_JSON}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
          `Connection: close\r\n\r\n${body}`,
      );
    },
  });
  const fastify = adapter.getInstance();
  fastify.addHook('onRoute', (route) => {
    if (route.url === '/presence/heartbeat') route.bodyLimit = HEARTBEAT_BODY_LIMIT_BYTES;
  });
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
  // JSON only: the body parsers for forms and plain text are left out.
  fastify.removeContentTypeParser('text/plain');

  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.register(config, { role: 'service' }),
    adapter,
    { bodyParser: false, abortOnError: false, logger: new AppLogger(config.app) },
  );
  await app.register(compress, {
    globalCompression: false,
    globalDecompression: true,
    requestEncodings: ['gzip'],
  });
  SwaggerModule.setup('api/docs', app, () => createOpenApiDocument(app), {
    jsonDocumentUrl: 'api/docs-json',
  });
  return app;
}

export function createOpenApiDocument(app: NestFastifyApplication): OpenAPIObject {
  return SwaggerModule.createDocument(
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
}
