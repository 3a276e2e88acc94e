import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

const KEEP_ALIVE_MS = 30_000;
/** Bounds the time in which a peer closes its side too; a silent one never does. */
const END_TIMEOUT_MS = 1_000;

/**
 * TCP connections of one kafkajs client. kafkajs keeps a connection whose requests time out, waits without a limit
 * for the peer to close, and lets the process end when an answer is malformed; ADR 0017 describes all three.
 */
export class KafkaSockets {
  /** Maps each open socket to the time of its last answer, or of its creation. */
  private readonly lastReadMs = new Map<Socket, number>();

  /** @param silentAfterMs time without an answer after which a connection is suspect */
  constructor(private readonly silentAfterMs: number) {}

  /** Number of connections that are open or being opened. */
  get size(): number {
    return this.lastReadMs.size;
  }

  readonly open: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    // The type of kafkajs knows no plain text.
    const tls = ssl as ConnectionOptions | undefined;
    const socket = tls
      ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...tls }, onConnect)
      : connectPlain({ host, port }, onConnect);
    const markRead = (): void => {
      this.lastReadMs.set(socket, performance.now());
    };
    markRead();
    socket.on('data', markRead);
    socket.once('close', () => this.lastReadMs.delete(socket));
    watchSocket(socket);
    return socket;
  };

  /** Destroys every connection without a recent answer. Its requests fail, and kafkajs opens a new connection. */
  dropSilent(): void {
    const readBeforeMs = performance.now() - this.silentAfterMs;
    for (const [socket, readMs] of this.lastReadMs) {
      if (readMs <= readBeforeMs) socket.destroy(new Error('The broker did not answer in time'));
    }
  }
}

/** Bounds the life of a connection that its client library leaves open, and survives answers that are not Kafka's. */
export function watchSocket(socket: Socket): void {
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  destroyOnMalformedAnswer(socket);
  destroyAfterEnd(socket);
}

/** Turns an exception of the parser into an error of the connection; thrown there, it would end the process. */
function destroyOnMalformedAnswer(socket: Socket): void {
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...values: unknown[]) => boolean;
  socket.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    if (event !== 'data') return emit(event, ...values);
    try {
      return emit(event, ...values);
    } catch (error) {
      socket.destroy(new Error('The peer does not speak the protocol of Kafka', { cause: error }));
      return true;
    }
  };
}

/** Bounds the half-open state after `end()`, of which kafkajs awaits nothing. */
function destroyAfterEnd(socket: Socket): void {
  const end = socket.end.bind(socket) as (...values: unknown[]) => Socket;
  socket.end = (...values: unknown[]): Socket => {
    const timer = setTimeout(() => {
      socket.destroy();
    }, END_TIMEOUT_MS).unref();
    socket.once('close', () => {
      clearTimeout(timer);
    });
    return end(...values);
  };
}
