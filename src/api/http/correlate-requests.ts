import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ITracer, Span } from '../../application/ports/tracer.port.js';
import { isContextCheap, runInContext, type WorkContext } from '../../shared/context/work-context.js';
import { parseTraceparent } from '../../shared/rules/traceparent.rule.js';
import { LIVE_ROUTE } from './live/live-streams.js';
import { REQUEST_ID_HEADER } from './request-id.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where a context costs too much and nothing but the request's id would be in it. */
    work: WorkContext | null;
    span: Span | null;
  }
}

/** Probes, scrapes, and streams that last as long as their watchers stay. */
export const UNTRACED_ROUTES: ReadonlySet<string> = new Set([
  '/health/live',
  '/health/ready',
  '/metrics',
  LIVE_ROUTE,
]);

/**
 * Puts the request's id into the answer, and its id and trace into the context of what it causes.
 * Register it before any hook that answers.
 */
export function correlateRequests(fastify: FastifyInstance, tracer: ITracer): void {
  fastify.decorateRequest('work', null);
  fastify.decorateRequest('span', null);
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header(REQUEST_ID_HEADER, request.id);
    const parent = parseTraceparent(request.headers['traceparent']);
    if (tracer.isRecording && !UNTRACED_ROUTES.has(request.routeOptions.url ?? ''))
      request.span = tracer.start(spanName(request), {
        kind: 'server',
        attributes: { 'http.request.method': request.method },
        parent,
      });
    const trace = request.span?.context ?? parent;
    if (trace === null && !isContextCheap) {
      done();
      return;
    }
    request.work = { requestId: request.id, trace, isOver: false };
    runInContext(request.work, done);
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    if (request.work !== null) request.work.isOver = true;
    request.span?.end({
      name: spanName(request),
      attributes: {
        'http.route': request.routeOptions.url ?? 'unknown',
        'http.response.status_code': reply.statusCode,
        'analytics.request_id': request.id,
      },
      ...(reply.statusCode >= 500 && { error: `status ${reply.statusCode}` }),
    });
    done();
  });
}

/** Names the request in a log line outside of its context, where the logger does not know it. */
export function logFieldsOf(request: FastifyRequest): Record<string, string> {
  const trace = request.work?.trace ?? null;
  return { requestId: request.id, ...(trace !== null && { traceId: trace.traceId }) };
}

function spanName({ method, routeOptions }: FastifyRequest): string {
  return `${method} ${routeOptions.url ?? 'unknown'}`;
}
