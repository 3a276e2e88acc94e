import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';

/** Identifies a client by its address, or its /64 network for IPv6. Empty when the connection has been reset. */
export function clientAddress(request: FastifyRequest): string {
  const ip = request.ip as string | undefined;
  return ip === undefined ? '' : normalizeIP(ip);
}
