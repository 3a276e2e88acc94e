import type { FastifyRequest } from 'fastify';
import { instanceOf } from './problem.js';

const METHODS = ['GET', 'POST'] as const;
/** Other characters could be a pattern to the router, with a regular expression of the client's. */
const PLAIN_PATH = /^[\w/.-]+$/;

/**
 * Returns the methods that the path of an unmatched request does have, and none when the route of the request itself
 * found nothing, such as a deleted file.
 */
export function findAllowedMethods(request: FastifyRequest): string[] {
  const url = instanceOf(request);
  if (!PLAIN_PATH.test(url)) return [];
  const methods = METHODS.filter((method) => request.server.hasRoute({ method, url }));
  const asked = request.method === 'HEAD' ? 'GET' : request.method;
  return methods.some((method) => method === asked) ? [] : methods;
}
