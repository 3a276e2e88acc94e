import { Logger } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { logFieldsOf, UNTRACED_ROUTES } from './correlate-requests.js';

/** Logs each answer by its route pattern: no address, query, body or header of a client. */
export function logAccess(fastify: FastifyInstance): void {
  const logger = new Logger('Access');
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    if (!UNTRACED_ROUTES.has(route)) {
      logger.log(`${request.method} ${route} ${reply.statusCode}`, {
        method: request.method,
        route,
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
        ...logFieldsOf(request),
      });
    }
    done();
  });
}
