import type { FastifyInstance } from 'fastify';
import { httpRequestDurationSeconds } from '../../shared/metrics/metrics.js';
import { LIVE_ROUTE } from './live/live-streams.js';
import { refuseRequest } from './problem.js';
import { MALFORMED_DETAIL } from './server-adapter.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Label of the metrics where many routes count as one. */
    readonly metricsRoute?: string;
  }
}

/** Content codings are case-insensitive (RFC 9110, 8.4.1), and "identity" means none. */
export function normalizeContentEncoding(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const coding = request.headers['content-encoding']?.trim().toLowerCase();
    if (coding === 'identity') delete request.headers['content-encoding'];
    else if (coding !== undefined)
      request.headers['content-encoding'] = coding === 'x-gzip' ? 'gzip' : coding;
    done();
  });
}

/** Methods that keep their name in a label; clients may send three dozen others, or pages of them. */
const NAMED_METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);
/** Failures that alarms count. A series that appears with its first request hides it from `rate()`. */
const ALARMING_STATUSES = [500, 503];

/** Labels requests by route pattern and never by address, so that the number of series stays bounded. */
export function measureRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', ({ method, url, config }) => {
    const route = config?.metricsRoute ?? url;
    for (const each of [method].flat())
      for (const status of ALARMING_STATUSES)
        httpRequestDurationSeconds.zero({ method: methodLabel(each), route, status });
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    // A stream lasts as long as its watcher stays, which says nothing about the service.
    if (request.routeOptions.url === LIVE_ROUTE && reply.statusCode === 200) {
      done();
      return;
    }
    httpRequestDurationSeconds.observe(
      {
        method: methodLabel(request.method),
        route: request.routeOptions.config.metricsRoute ?? request.routeOptions.url ?? 'unknown',
        status: reply.statusCode,
      },
      reply.elapsedTime / 1000,
    );
    done();
  });
}

function methodLabel(method: string): string {
  return NAMED_METHODS.has(method) ? method : 'OTHER';
}

/** Answers 503 on connections that were open before the shutdown began, and closes them. */
export function refuseWhileClosing(fastify: FastifyInstance): void {
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
    void refuseRequest(request, reply, 'shutting_down');
  });
}

/** Demands one Host header (RFC 9112, 3.2): with two, a proxy in front may have used the other one. */
export function refuseAmbiguousHosts(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const { rawHeaders, httpVersion } = request.raw;
    const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
    if (hosts === 1 || (hosts === 0 && httpVersion === '1.0')) {
      done();
      return;
    }
    void reply.header('connection', 'close');
    void refuseRequest(request, reply, 'request_malformed', { detail: MALFORMED_DETAIL });
  });
}
