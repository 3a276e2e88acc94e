import { isUtf8 } from 'node:buffer';
import { Transform, type TransformCallback } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest, preParsingHookHandler } from 'fastify';
import { ApplicationException } from '../../shared/exceptions/application.exception.js';
import { clientAddress } from './client-address.js';
import { HeldBodies, type HeldBody } from './held-bodies.js';
import { replyWithProblem } from './problem-reply.js';

/** Of one request, after decompression. */
export const BODY_LIMIT_BYTES = 1024 * 1024;
/** A heartbeat has three short fields. */
const HEARTBEAT_LIMIT_BYTES = 4 * 1024;
/** Received or unfolded and not yet answered, of all requests; parsed, a body takes several times its size. */
const MAX_BYTES_IN_FLIGHT = 64 * 1024 * 1024;
/** Batches at work; more of them only wait longer, and their clients give up. */
const MAX_BATCHES = 64;
const OVERLOADED = 'More is being received than the service may hold. Send the same request again later.';
const RETRY_AFTER_SECONDS = 1;
export const BATCH_ROUTE = '/analytics/events';
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
  boundBytes(fastify);
  boundBatches(fastify);
  refuseWhatIsNoText(fastify);
}

declare module 'fastify' {
  interface FastifyRequest {
    heldBody: HeldBody | null;
    isBatchAtWork: boolean;
  }
}

/** What counts is what has come, not what was announced, until there is an answer. */
function boundBytes(fastify: FastifyInstance): void {
  const bodies = new HeldBodies(MAX_BYTES_IN_FLIGHT);
  fastify.decorateRequest('heldBody', null);
  fastify.addHook('preParsing', (request, reply, payload, done) => {
    // Of these nobody reads a body.
    if (request.method === 'GET' || request.method === 'HEAD') {
      done(null, payload);
      return;
    }
    const body = bodies.hold(() => {
      // Whoever reads the body answers; where nobody does, there is an answer already.
      if (payload.listenerCount('error') > 0) payload.emit('error', overloaded());
    });
    const announced = Number(request.headers['content-length']);
    let arrived = 0;
    request.heldBody = body;
    payload.on('data', (chunk: Buffer) => {
      if (arrived === 0 && chunk.length !== announced) bodies.arrive(body, clientAddress(request));
      arrived += chunk.length;
      bodies.add(body, chunk.length);
    });
    payload.once('end', () => {
      bodies.complete(body);
    });
    // Broken off, perhaps before there was an answer.
    reply.raw.once('close', () => {
      bodies.release(body);
    });
    done(null, payload);
  });
  // Not when it has been sent: who does not read it must hold nothing that others need.
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    if (request.heldBody !== null) {
      // It gave way: what still comes of it runs off, for closed now the connection would be reset, answer and all.
      if (request.heldBody.isReleased) reply.removeHeader('connection');
      request.body = undefined;
      bodies.release(request.heldBody);
    }
    done();
  });
  meterUnfolded(fastify, bodies);
}

/** Refuses before a batch is read, and again when it is whole: whoever sends slowly holds no place. */
function boundBatches(fastify: FastifyInstance): void {
  let batches = 0;
  const free = (request: FastifyRequest): void => {
    if (!request.isBatchAtWork) return;
    request.isBatchAtWork = false;
    batches--;
  };
  fastify.decorateRequest('isBatchAtWork', false);
  fastify.addHook('onRequest', (request, reply, done) => {
    if (batches >= MAX_BATCHES && request.routeOptions.url === BATCH_ROUTE) refuse(request, reply);
    else done();
  });
  fastify.addHook('preValidation', (request, reply, done) => {
    if (request.routeOptions.url !== BATCH_ROUTE) {
      done();
      return;
    }
    if (batches >= MAX_BATCHES) {
      refuse(request, reply);
      return;
    }
    batches++;
    request.isBatchAtWork = true;
    reply.raw.once('close', () => {
      free(request);
    });
    done();
  });
  fastify.addHook('onSend', (request, _reply, _payload, done) => {
    free(request);
    done();
  });
}

function refuse(request: FastifyRequest, reply: FastifyReply): void {
  void replyWithProblem(request, reply, {
    status: 503,
    code: 'overloaded',
    detail: OVERLOADED,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

/** The same for the one who reads a body. */
function overloaded(): Error {
  return Object.assign(
    new ApplicationException('overloaded', 'unavailable', OVERLOADED, RETRY_AFTER_SECONDS),
    {
      // Without one Fastify would make it a 400.
      statusCode: 503,
    },
  );
}

/** By a hook of each route, behind the one that decompresses, which is one, too. */
function meterUnfolded(fastify: FastifyInstance, bodies: HeldBodies): void {
  const meter: preParsingHookHandler = (request, _reply, payload, done) => {
    const { heldBody } = request;
    if (heldBody === null || request.headers['content-encoding'] === undefined) {
      done(null, payload);
      return;
    }
    const arrived = (): number => (payload as { receivedEncodedLength?: number }).receivedEncodedLength ?? 0;
    let bytes = 0;
    const metered = new Transform({
      transform(chunk: Buffer, _encoding, callback: TransformCallback) {
        bytes += chunk.length;
        if (bytes > RATIO_FLOOR_BYTES && bytes > arrived() * MAX_RATIO) {
          callback(Object.assign(new Error('The body unfolds too far'), { statusCode: 413 }));
          return;
        }
        bodies.add(heldBody, chunk.length);
        callback(null, chunk);
      },
    });
    heldBody.giveWay = () => metered.destroy(overloaded());
    // By it Fastify compares what came with what was announced.
    Object.defineProperty(metered, 'receivedEncodedLength', { get: arrived });
    // Whoever reads the body hears of it, too; but a stream without any listener would end the process.
    metered.on('error', () => undefined);
    payload.once('error', (error) => metered.destroy(error));
    done(null, payload.pipe(metered));
  };
  fastify.addHook('onRoute', (route) => {
    route.preParsing = [route.preParsing ?? [], meter].flat();
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
