import type { FastifyInstance } from 'fastify';
import { findAllowedMethods } from './allowed-methods.js';
import { refuseRequest } from './problem.js';

/** Refuses a request that no route takes before its body is read, so that no body changes the answer. */
export function refuseUnmatchedRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) {
      done();
      return;
    }
    const methods = findAllowedMethods(request);
    if (methods.length > 0) void reply.header('allow', methods.join(', '));
    void refuseRequest(request, reply, methods.length > 0 ? 'method_not_allowed' : 'route_not_found');
  });
}
