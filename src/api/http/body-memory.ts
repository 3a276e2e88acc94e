import { Transform, type TransformCallback } from 'node:stream';
import type { FastifyInstance, preParsingHookHandler } from 'fastify';
import { clientAddress } from './client-address.js';
import { HeldBodies, type HeldBody } from './held-bodies.js';
import { overloadError } from './overload.js';

/** Bytes of all bodies received or decompressed and not yet answered; parsed, a body takes several times its size. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;

declare module 'fastify' {
  interface FastifyRequest {
    heldBody: HeldBody | null;
  }
}

/** Counts the bytes that really arrived, not those announced, until the request is answered. */
export function boundHeldBodies(fastify: FastifyInstance): void {
  const bodies = new HeldBodies(MAX_HELD_BYTES);
  fastify.decorateRequest('heldBody', null);
  fastify.addHook('preParsing', (request, reply, payload, done) => {
    // Fastify reads no body of these methods.
    if (request.method === 'GET' || request.method === 'HEAD') {
      done(null, payload);
      return;
    }
    const body = bodies.hold(() => {
      // A stream without a reader has been answered already; its error would end the process.
      if (payload.listenerCount('error') > 0) payload.emit('error', overloadError());
    });
    const announcedBytes = Number(request.headers['content-length']);
    let arrivedBytes = 0;
    request.heldBody = body;
    payload.on('data', (chunk: Buffer) => {
      if (arrivedBytes === 0 && chunk.length !== announcedBytes)
        bodies.trackIncomplete(body, clientAddress(request));
      arrivedBytes += chunk.length;
      bodies.add(body, chunk.length);
    });
    payload.once('end', () => {
      bodies.complete(body);
    });
    // Covers connections that break before the answer.
    reply.raw.once('close', () => {
      bodies.release(body);
    });
    done(null, payload);
  });
  releaseWhenAnswered(fastify, bodies);
  countDecompressed(fastify, bodies);
}

/** Releases a body before its answer is sent: a client that does not read must hold no memory. */
function releaseWhenAnswered(fastify: FastifyInstance, bodies: HeldBodies): void {
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    if (request.heldBody !== null) {
      // The rest of an evicted body is still arriving: closing now would reset the connection and lose the answer.
      if (request.heldBody.isReleased) reply.removeHeader('connection');
      request.body = undefined;
      bodies.release(request.heldBody);
    }
    done();
  });
}

/**
 * Counts decompressed bytes. Only their number is bounded, not the ratio: equal events compress as well as a bomb.
 * A route's own hook is the only one that runs after the one that decompresses.
 */
function countDecompressed(fastify: FastifyInstance, bodies: HeldBodies): void {
  const meter: preParsingHookHandler = (request, _reply, payload, done) => {
    const { heldBody } = request;
    if (heldBody === null || request.headers['content-encoding'] === undefined) {
      done(null, payload);
      return;
    }
    const arrivedBytes = (): number =>
      (payload as { receivedEncodedLength?: number }).receivedEncodedLength ?? 0;
    const metered = new Transform({
      transform(chunk: Buffer, _encoding, callback: TransformCallback) {
        bodies.add(heldBody, chunk.length);
        callback(null, chunk);
      },
    });
    heldBody.evict = () => metered.destroy(overloadError());
    // Fastify compares this length with Content-Length.
    Object.defineProperty(metered, 'receivedEncodedLength', { get: arrivedBytes });
    // The reader of the body handles the error; a stream without any listener would end the process.
    metered.on('error', () => undefined);
    payload.once('error', (error) => metered.destroy(error));
    done(null, payload.pipe(metered));
  };
  fastify.addHook('onRoute', (route) => {
    route.preParsing = [route.preParsing ?? [], meter].flat();
  });
}
