import { isUtf8 } from 'node:buffer';
import { Transform, type TransformCallback } from 'node:stream';
import type { FastifyInstance, preParsingHookHandler } from 'fastify';
import { replyWithProblem } from './problem-reply.js';

/** Of one request, after decompression. */
export const BODY_LIMIT_BYTES = 1024 * 1024;
/** A heartbeat has three short fields. */
const HEARTBEAT_LIMIT_BYTES = 4 * 1024;
/** Received and not yet answered, of all requests; parsed, a body takes several times its size. */
const MAX_BYTES_IN_FLIGHT = 64 * 1024 * 1024;
/** Batches at work; more of them only wait longer, and their clients give up. */
const MAX_BATCHES = 64;
const BATCH_ROUTE = '/analytics/events';
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

/**
 * Refuses before anything is read, so that a crowd costs neither memory nor time. What counts is what has come, not what
 * was announced, and a batch counts from when it is whole: whoever sends slowly holds no place.
 */
function boundBytesInFlight(fastify: FastifyInstance): void {
  let bytesInFlight = 0;
  let batches = 0;
  fastify.addHook('onRequest', (request, reply, done) => {
    const isBatch = request.routeOptions.url === BATCH_ROUTE;
    if (bytesInFlight <= MAX_BYTES_IN_FLIGHT && (!isBatch || batches < MAX_BATCHES)) {
      done();
      return;
    }
    void replyWithProblem(request, reply, {
      status: 503,
      code: 'overloaded',
      detail: 'More is being received than the service may hold. Send the same request again later.',
      retryAfterSeconds: 1,
    });
  });
  fastify.addHook('preParsing', (_request, reply, payload, done) => {
    let bytes = 0;
    payload.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      bytesInFlight += chunk.length;
    });
    // Answered or broken off: it comes once in any case.
    reply.raw.once('close', () => {
      bytesInFlight -= bytes;
    });
    done(null, payload);
  });
  fastify.addHook('preHandler', (request, reply, done) => {
    if (request.routeOptions.url === BATCH_ROUTE) {
      batches++;
      reply.raw.once('close', () => {
        batches--;
      });
    }
    done();
  });
}

/** By a hook of each route, behind the one that decompresses, which is one, too. */
function refuseBombs(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    route.preParsing = [route.preParsing ?? [], meterUnfolded].flat();
  });
}

const meterUnfolded: preParsingHookHandler = (request, _reply, payload, done) => {
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
  // By it Fastify compares what came with what was announced.
  Object.defineProperty(meter, 'receivedEncodedLength', {
    get: () => (payload as { receivedEncodedLength?: number }).receivedEncodedLength,
  });
  // Whoever reads the body hears of it, too; but a stream without any listener would end the process.
  meter.on('error', () => undefined);
  payload.once('error', (error) => meter.destroy(error));
  done(null, payload.pipe(meter));
};

/** Node would put replacement characters where bytes are no UTF-8, and so change what a client meant. */
function refuseWhatIsNoText(fastify: FastifyInstance): void {
  const parseJson = fastify.getDefaultJsonParser('remove', 'remove');
  fastify.removeContentTypeParser(['application/json', 'text/plain']);
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (!isUtf8(body)) done(Object.assign(new Error('The body is no UTF-8'), { statusCode: 400 }));
    else void parseJson(request, body.toString(), done);
  });
}
