import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { Logger } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { requestsLimitedTotal } from '../../shared/metrics/metrics.js';

/** Bytes of all requests and answers below, of all connections. */
const MAX_HELD_BYTES = 96 * 1024 * 1024;
/** Share of one connection, so that a single one does not keep all others from sending ahead. */
const SHARE = 1 / 3;
/** A request behind an unanswered one of its connection: its headers, and the objects of Node and the framework. */
const WAITING_REQUEST_BYTES = 32 * 1024;
/** A text with a character beyond Latin-1 takes two bytes for each. */
const CHARACTER_BYTES = 2;
const WARNING_INTERVAL_MS = 60_000;
/** A file is read ahead of its client by as much. */
const FILE_BYTES = 64 * 1024;

/** A connection that has sent a request. */
interface Client {
  readonly socket: Socket;
  /** Requests that have arrived and whose answers are not sent. */
  unanswered: number;
  heldBytes: number;
  isClosed: boolean;
}

/** A response of Node that knows what it holds until its client has read it. */
export class HeldAnswer extends ServerResponse {
  /** Null until its request is admitted. */
  client: Client | null = null;
  heldBytes = 0;
}

type Handle = (request: IncomingMessage, response: HeldAnswer) => void;

/**
 * Bounds the memory of answers that clients have not read, and of requests that wait behind them: Node begins each
 * request that it has parsed. Closes the connection that sends ahead beyond the bound, or else holds most.
 */
export class UnreadAnswers {
  private readonly clients = new Map<Socket, Client>();
  private readonly logger = new Logger(UnreadAnswers.name);
  private bytes = 0;
  private warnedAtMs = -Infinity;
  private closedSinceWarning = 0;

  constructor(private readonly maxBytes = MAX_HELD_BYTES) {}

  get heldBytes(): number {
    return this.bytes;
  }

  /** Counts each request where Node hands it over, because some meet no hook, such as those with a malformed URL. */
  admit(handle: Handle): Handle {
    return (request, response) => {
      const { socket } = request;
      // Node has parsed the requests after the one that closed the connection, and hands them over all the same.
      if (socket.destroyed) return;
      const client = this.clients.get(socket) ?? this.open(socket);
      if (client.unanswered > 0 && !this.hasRoom(client)) {
        this.close(client);
        return;
      }
      response.client = client;
      response.on('finish', () => {
        this.release(response, client);
      });
      if (client.unanswered++ > 0) this.hold(response, WAITING_REQUEST_BYTES);
      handle(request, response);
    };
  }

  /** Adds what the answer holds until it is sent. */
  hold(response: HeldAnswer, bytes: number): void {
    const { client } = response;
    if (client === null || client.isClosed) return;
    response.heldBytes += bytes;
    client.heldBytes += bytes;
    this.bytes += bytes;
    while (this.bytes > this.maxBytes) {
      const largest = this.largest(client);
      // An answer that exceeds the bound alone is sent: its client could never get it otherwise.
      if (largest.heldBytes === this.bytes && largest.unanswered === 1) return;
      this.close(largest);
    }
  }

  private open(socket: Socket): Client {
    const client = { socket, unanswered: 0, heldBytes: 0, isClosed: false };
    this.clients.set(socket, client);
    socket.once('close', () => {
      this.forget(client);
    });
    return client;
  }

  private release(response: HeldAnswer, client: Client): void {
    if (client.isClosed) return;
    client.unanswered -= 1;
    client.heldBytes -= response.heldBytes;
    this.bytes -= response.heldBytes;
  }

  private hasRoom(client: Client): boolean {
    return (
      this.bytes + WAITING_REQUEST_BYTES <= this.maxBytes &&
      client.heldBytes + WAITING_REQUEST_BYTES <= this.maxBytes * SHARE
    );
  }

  private largest(last: Client): Client {
    let largest = last;
    for (const client of this.clients.values()) if (client.heldBytes > largest.heldBytes) largest = client;
    return largest;
  }

  private close(client: Client): void {
    this.warn(client);
    this.forget(client);
    client.socket.destroy();
    requestsLimitedTotal.inc({ by: 'connection' });
  }

  private warn({ heldBytes, unanswered }: Client): void {
    this.closedSinceWarning += 1;
    if (performance.now() - this.warnedAtMs < WARNING_INTERVAL_MS) return;
    this.logger.warn(
      `Connections closed: ${this.closedSinceWarning}, the last one with ${unanswered} unanswered requests that held ${heldBytes} bytes. ` +
        'Clients send ahead or do not read: let the proxy buffer answers (docs/security.md)',
    );
    this.warnedAtMs = performance.now();
    this.closedSinceWarning = 0;
  }

  private forget(client: Client): void {
    if (client.isClosed) return;
    client.isClosed = true;
    this.bytes -= client.heldBytes;
    client.heldBytes = 0;
    this.clients.delete(client.socket);
  }
}

/**
 * Counts the content of each answer until it is sent. A Buffer is one for all clients, so it counts for none.
 * Register it after the hook that answers 304, and before compression.
 */
export function countAnswers(fastify: FastifyInstance, answers: UnreadAnswers): void {
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (typeof payload === 'string') answers.hold(reply.raw as HeldAnswer, payload.length * CHARACTER_BYTES);
    else if (payload instanceof Readable) answers.hold(reply.raw as HeldAnswer, FILE_BYTES);
    done(null, payload);
  });
}
