import type { FastifyInstance, FastifyRequest } from 'fastify';
import { refuseOverload } from './overload.js';

export const BATCH_ROUTE = '/analytics/events';
/** More batches in flight would only wait longer, until their clients give up. */
const MAX_BATCHES_IN_FLIGHT = 64;

declare module 'fastify' {
  interface FastifyRequest {
    isBatchInFlight: boolean;
  }
}

/** Refuses a batch before it is read and again when it is complete, so that a slow sender occupies no slot. */
export function limitBatches(fastify: FastifyInstance): void {
  let inFlight = 0;
  const release = (request: FastifyRequest): void => {
    if (!request.isBatchInFlight) return;
    request.isBatchInFlight = false;
    inFlight--;
  };
  const isBatch = (request: FastifyRequest): boolean => request.routeOptions.url === BATCH_ROUTE;
  fastify.decorateRequest('isBatchInFlight', false);
  fastify.addHook('onRequest', (request, reply, done) => {
    if (inFlight >= MAX_BATCHES_IN_FLIGHT && isBatch(request)) refuseOverload(request, reply);
    else done();
  });
  fastify.addHook('preValidation', (request, reply, done) => {
    if (!isBatch(request)) {
      done();
      return;
    }
    if (inFlight >= MAX_BATCHES_IN_FLIGHT) {
      refuseOverload(request, reply);
      return;
    }
    inFlight++;
    request.isBatchInFlight = true;
    reply.raw.once('close', () => {
      release(request);
    });
    done();
  });
  fastify.addHook('onSend', (request, _reply, _payload, done) => {
    release(request);
    done();
  });
}
