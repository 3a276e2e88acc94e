import { isUtf8 } from 'node:buffer';
import { Transform, type TransformCallback } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { replyWithProblem } from './problem-reply.js';

/** Of one request, after decompression. */
export const BODY_LIMIT_BYTES = 1024 * 1024;
/** A heartbeat has three short fields. */
const HEARTBEAT_LIMIT_BYTES = 4 * 1024;
/** Of all requests that are being read or answered; parsed, a body takes several times its size. */
const MAX_BYTES_IN_FLIGHT = 64 * 1024 * 1024;
/** Events of one batch resemble each other, yet hardly that much. Below the floor a bomb is no bomb. */
const MAX_RATIO = 200;
const RATIO_FLOOR_BYTES = 128 * 1024;

/**
 * What bodies may cost: by size, by what all of them together hold in memory, by how far they unfold, and by being
 * text at all. Register after decompression.
 */
export function limitBodies(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    if (route.url === '/presence/heartbeat') route.bodyLimit = HEARTBEAT_LIMIT_BYTES;
  });
  boundBytesInFlight(fastify);
  refuseBombs(fastify);
  refuseWhatIsNoText(fastify);
}

/** Refuses before anything is read, so that a crowd with large bodies costs no memory. */
function boundBytesInFlight(fastify: FastifyInstance): void {
  let bytesInFlight = 0;
  fastify.addHook('onRequest', (request, reply, done) => {
    const bytes = expectedBytes(request);
    if (bytes === 0) {
      done();
      return;
    }
    if (bytesInFlight + bytes > MAX_BYTES_IN_FLIGHT) {
      void replyWithProblem(request, reply, {
        status: 503,
        code: 'overloaded',
        detail: 'More is being received than the service may hold. Send the same request again later.',
        retryAfterSeconds: 1,
      });
      return;
    }
    bytesInFlight += bytes;
    // Answered or broken off: it comes once in any case.
    reply.raw.once('close', () => {
      bytesInFlight -= bytes;
    });
    done();
  });
}

/** What the body may come to; 0 for a request without one. */
function expectedBytes({ headers }: FastifyRequest): number {
  const length = headers['content-length'];
  if (length === undefined) return headers['transfer-encoding'] === undefined ? 0 : BODY_LIMIT_BYTES;
  const unfolded = headers['content-encoding'] === undefined ? 1 : MAX_RATIO;
  return Math.min(BODY_LIMIT_BYTES, Number(length) * unfolded);
}

function refuseBombs(fastify: FastifyInstance): void {
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    const compressed = Number(request.headers['content-length'] ?? NaN);
    if (request.headers['content-encoding'] === undefined || Number.isNaN(compressed)) {
      done(null, payload);
      return;
    }
    let bytes = 0;
    const allowed = Math.max(RATIO_FLOOR_BYTES, compressed * MAX_RATIO);
    const meter = new Transform({
      transform(chunk: Buffer, _encoding, callback: TransformCallback) {
        bytes += chunk.length;
        if (bytes > allowed)
          callback(Object.assign(new Error('The body unfolds too far'), { statusCode: 413 }));
        else callback(null, chunk);
      },
    });
    payload.once('error', (error) => meter.destroy(error));
    done(null, payload.pipe(meter));
  });
}

/** Node would put replacement characters where bytes are no UTF-8, and so change what a client meant. */
function refuseWhatIsNoText(fastify: FastifyInstance): void {
  const parseJson = fastify.getDefaultJsonParser('remove', 'remove');
  fastify.removeContentTypeParser(['application/json', 'text/plain']);
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (!isUtf8(body)) done(Object.assign(new Error('The body is no UTF-8'), { statusCode: 400 }));
    else void parseJson(request, body.toString(), done);
  });
}
