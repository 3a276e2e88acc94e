import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';

/** By which clients are told apart: of IPv6 the /64 network. Empty when the connection has been reset meanwhile. */
export function clientAddress(request: FastifyRequest): string {
  const ip = request.ip as string | undefined;
  return ip === undefined ? '' : normalizeIP(ip);
}
