import type { FastifyInstance } from 'fastify';
import { ApplicationException } from '../../shared/exceptions/application.exception.js';
import { decodeJson } from '../../shared/json/decode-json.js';
import { limitBatches } from './batch-limit.js';
import { boundHeldBodies } from './body-memory.js';

/** The largest body of a request, after decompression. */
export const BODY_LIMIT_BYTES = 1024 * 1024;
/** A heartbeat has three short fields. */
const HEARTBEAT_LIMIT_BYTES = 4 * 1024;

/**
 * Bounds what bodies cost: their size after decompression, the memory of all of them, batches in flight.
 * Register it after decompression.
 */
export function limitBodies(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    if (route.url === '/presence/heartbeat') route.bodyLimit = HEARTBEAT_LIMIT_BYTES;
  });
  boundHeldBodies(fastify);
  limitBatches(fastify);
  readJsonBodies(fastify);
}

/** Decodes bodies by the rules that imports follow too. */
function readJsonBodies(fastify: FastifyInstance): void {
  fastify.removeContentTypeParser(['application/json', 'text/plain']);
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    const verdict = decodeJson(body);
    if ('value' in verdict) done(null, verdict.value);
    else done(new ApplicationException('request_malformed', { detail: `The body ${verdict.problem}` }));
  });
}
