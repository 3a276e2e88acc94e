import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { limitBatches } from './batch-limit.js';
import { boundHeldBodies } from './body-memory.js';

/** The largest body of a request, after decompression. */
export const BODY_LIMIT_BYTES = 1024 * 1024;
/** A heartbeat has three short fields. */
const HEARTBEAT_LIMIT_BYTES = 4 * 1024;

/**
 * Bounds what bodies cost: their size, the memory of all of them, their decompression ratio, batches in flight.
 * Register it after decompression.
 */
export function limitBodies(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    if (route.url === '/presence/heartbeat') route.bodyLimit = HEARTBEAT_LIMIT_BYTES;
  });
  boundHeldBodies(fastify);
  limitBatches(fastify);
  rejectNonText(fastify);
}

/** Rejects bodies that are not UTF-8: Node would silently put replacement characters into the client's data. */
function rejectNonText(fastify: FastifyInstance): void {
  const parseJson = fastify.getDefaultJsonParser('remove', 'remove');
  fastify.removeContentTypeParser(['application/json', 'text/plain']);
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (!isUtf8(body)) done(Object.assign(new Error('The body is not UTF-8'), { statusCode: 400 }));
    else void parseJson(request, body.toString(), done);
  });
}
