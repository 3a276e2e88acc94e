import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { requestsLimitedTotal } from '../../shared/metrics/metrics.js';

/** Requests, of all connections, behind an unanswered one of their own. An answer with a file holds 64 KiB of it. */
const MAX_PIPELINED = 2_000;

declare module 'fastify' {
  interface FastifyRequest {
    /** Null before the request is counted, and for one that no route could get. */
    connection: Connection | null;
  }
}

interface Connection {
  /** Requests that have arrived and are not answered. */
  unanswered: number;
}

/**
 * Closes the connection whose pipelined requests exceed the limit: Node begins them all and keeps their answers in
 * memory. Clients must expect it (RFC 9112, 9.3.2). Register it before the hooks that do work.
 */
export function limitPipelining(fastify: FastifyInstance): void {
  const connections = new WeakMap<Socket, Connection>();
  let pipelined = 0;
  const open = (socket: Socket): Connection => {
    const connection = { unanswered: 0 };
    connections.set(socket, connection);
    socket.once('close', () => {
      pipelined -= Math.max(0, connection.unanswered - 1);
      connection.unanswered = 0;
    });
    return connection;
  };
  fastify.decorateRequest('connection', null);
  fastify.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw;
    if (pipelined >= MAX_PIPELINED && (connections.get(socket)?.unanswered ?? 0) > 0) {
      requestsLimitedTotal.inc({ by: 'connection' });
      socket.destroy();
    }
    // Node has parsed the requests after the one that closed the connection, and hands them over all the same.
    if (socket.destroyed) {
      reply.hijack();
      return;
    }
    const connection = connections.get(socket) ?? open(socket);
    if (connection.unanswered > 0) pipelined += 1;
    connection.unanswered += 1;
    request.connection = connection;
    done();
  });
  fastify.addHook('onResponse', ({ connection }, _reply, done) => {
    if (connection !== null && connection.unanswered > 0) {
      connection.unanswered -= 1;
      if (connection.unanswered > 0) pipelined -= 1;
    }
    done();
  });
}
