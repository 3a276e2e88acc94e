import type { FastifyRequest } from 'fastify';
import { instanceOf } from './problem.js';

const METHODS = ['GET', 'POST'] as const;
/** Other characters could be a pattern to the router, with a regular expression of the client's. */
const PLAIN_PATH = /^[\w/.-]+$/;

/** Returns the methods that the path of an unmatched request does have. */
export function findAllowedMethods(request: FastifyRequest): string[] {
  const url = instanceOf(request);
  if (!PLAIN_PATH.test(url)) return [];
  return METHODS.filter((method) => request.server.hasRoute({ method, url }));
}
