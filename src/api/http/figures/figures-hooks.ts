import { createHash } from 'node:crypto';
import compress, { type FastifyCompressOptions } from '@fastify/compress';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Marks a route that reads figures. */
    readonly figures?: { readonly isLive: boolean };
  }
}

/** Smaller bodies fit into one packet, and compression would only cost time. */
const COMPRESSION_THRESHOLD_BYTES = 1024;
/** Larger bodies are compressed on threads of their own; a smaller one takes less than a millisecond here. */
const SYNC_COMPRESSION_BYTES = 16 * 1024;
/** gzip alone: a stream holds 256 KiB, one of brotli several MiB. */
export const COMPRESSION = {
  threshold: COMPRESSION_THRESHOLD_BYTES,
  syncThreshold: SYNC_COMPRESSION_BYTES,
  encodings: ['gzip'],
} satisfies FastifyCompressOptions;

const ENTITY_TAGS = /(?:W\/)?("[^"]*")/g;

/** Decompresses the bodies of requests, and compresses the answers of routes that read figures. */
export async function registerCompression(fastify: FastifyInstance): Promise<void> {
  fastify.addHook('onRoute', (route) => {
    if (route.config?.figures !== undefined) route.compress = COMPRESSION;
  });
  await fastify.register(compress, {
    globalCompression: false,
    globalDecompression: true,
    requestEncodings: ['gzip'],
  });
}

/** Gives answers of figures a validator, and answers 304 to a client that has them already. */
export function validateFigures(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (request, reply, payload, done) => {
    const { figures } = request.routeOptions.config;
    if (figures === undefined || reply.statusCode !== 200 || typeof payload !== 'string') {
      done(null, payload);
      return;
    }
    const tag = entityTagOf(payload);
    void reply.header('etag', `W/${tag}`);
    // Each use asks the service, which checks the token: a cached answer never outlives a right.
    if (!figures.isLive) void reply.header('cache-control', 'private, no-cache');
    addVary(reply, 'accept, accept-encoding');
    if (!isKnown(request, tag)) {
      done(null, payload);
      return;
    }
    void reply.code(304).removeHeader('content-type').removeHeader('content-disposition');
    // Fastify itself drops the body of a HEAD request, and needs one for its length.
    done(null, request.method === 'HEAD' ? payload : null);
  });
}

/** Weak, because it is one for all content codings of the answer (RFC 9110, 8.8.1). */
function entityTagOf(payload: string): string {
  return `"${createHash('sha256').update(payload).digest('base64url').slice(0, 22)}"`;
}

function isKnown({ headers }: FastifyRequest, tag: string): boolean {
  const known = headers['if-none-match'];
  if (known === undefined) return false;
  if (known.trim() === '*') return true;
  for (const [, opaque] of known.matchAll(ENTITY_TAGS)) if (opaque === tag) return true;
  return false;
}

/** Keeps what another hook says, such as the one for CORS. */
export function addVary(reply: FastifyReply, vary: string): void {
  const others = reply.getHeader('vary');
  void reply.header('vary', others === undefined ? vary : `${String(others)}, ${vary}`);
}
