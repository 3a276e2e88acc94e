import type { Socket } from 'node:net';
import type { Base } from '@platformatic/kafka';
import { endsWithin } from '../../../shared/utils/timeout.util.js';
import { watchSocket } from '../kafka-sockets.js';

const CLOSE_TIMEOUT_MS = 500;

/**
 * Connections of one client of @platformatic/kafka, which keeps those that do not answer, and lets the process end at
 * a malformed answer or at the second error of a connection; ADR 0022 lists its gaps.
 */
export class PlatformaticConnections {
  private readonly sockets = new Set<Socket>();

  constructor(private readonly client: Base) {
    client.connections.on('connecting', ({ connection }) => {
      // The pool listens to the first error only, and a further one without a listener ends the process.
      connection.on('error', () => undefined);
      // The socket exists once the call that announces the connection has returned.
      queueMicrotask(() => {
        this.watch(connection.socket);
      });
    });
  }

  /** Destroys every connection. Its requests fail, and the next request opens a new one. */
  drop(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Closes the client within a time limit, and destroys what is open then. */
  async close(): Promise<void> {
    await endsWithin(this.client.close(), CLOSE_TIMEOUT_MS).catch(() => undefined);
    this.drop();
  }

  private watch(socket: Socket | undefined): void {
    if (socket === undefined || socket.destroyed) return;
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    watchSocket(socket);
  }
}
