import type { FastifyInstance, FastifyRequest } from 'fastify';
import { refuseOverload } from './overload.js';

export const BATCH_ROUTE = '/analytics/events';
/** The routes that take batches; each has places of its own, so that apps cannot keep gateways out. */
const BATCH_ROUTES: readonly string[] = [BATCH_ROUTE, '/internal/presence/heartbeats'];
/** More batches in flight would only wait longer, until their clients give up. */
const MAX_BATCHES_IN_FLIGHT = 64;

declare module 'fastify' {
  interface FastifyRequest {
    /** The route in whose count this batch is, while it is in flight. */
    batchInFlight: string | null;
  }
}

/** Refuses a batch before it is read and again when it is complete, so that a slow sender occupies no slot. */
export function limitBatches(fastify: FastifyInstance): void {
  const inFlight = new Map(BATCH_ROUTES.map((url) => [url, 0]));
  const add = (url: string, change: 1 | -1): void => {
    inFlight.set(url, (inFlight.get(url) ?? 0) + change);
  };
  const release = (request: FastifyRequest): void => {
    if (request.batchInFlight === null) return;
    add(request.batchInFlight, -1);
    request.batchInFlight = null;
  };
  const isFull = ({ routeOptions: { url = '' } }: FastifyRequest): boolean =>
    (inFlight.get(url) ?? 0) >= MAX_BATCHES_IN_FLIGHT;
  fastify.decorateRequest('batchInFlight', null);
  fastify.addHook('onRequest', (request, reply, done) => {
    if (isFull(request)) refuseOverload(request, reply);
    else done();
  });
  fastify.addHook('preValidation', (request, reply, done) => {
    const { url } = request.routeOptions;
    if (url === undefined || !inFlight.has(url)) {
      done();
      return;
    }
    if (isFull(request)) {
      refuseOverload(request, reply);
      return;
    }
    add(url, 1);
    request.batchInFlight = url;
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
