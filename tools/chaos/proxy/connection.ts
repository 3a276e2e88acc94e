import type { Socket } from 'node:net';
import type { LinkMode } from './link-mode.js';
import { Pump } from './pump.js';

/** The time after which the server's half of a silent connection ends, as keep-alive probes would end it. */
const SILENT_FOR_MS = 60_000;

/** A client's connection to the proxy and the proxy's connection to the server. */
export class ProxiedConnection {
  private readonly pumps: readonly [toServer: Pump, toClient: Pump];
  private silent = false;
  private silentTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    mode: () => LinkMode,
    onClosed: () => void,
  ) {
    this.pumps = [new Pump(client, server, mode), new Pump(server, client, mode)];
    for (const [socket, peer] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.setNoDelay(true);
      socket.on('error', () => {
        if (!peer.destroyed && !this.silent) reset(peer);
      });
      socket.once('close', () => {
        if (client.destroyed && server.destroyed) this.finish(onClosed);
        // A silent connection hides that one side has gone: the other keeps its half open.
        else if (!this.silent) peer.destroySoon();
      });
    }
  }

  /** Makes this connection silent for good: neither bytes nor its end reach the other side. */
  silence(): void {
    if (this.silent) return;
    this.silent = true;
    for (const pump of this.pumps) pump.silence();
    this.silentTimer = setTimeout(() => this.reset(), SILENT_FOR_MS);
  }

  wake(): void {
    for (const pump of this.pumps) pump.wake();
  }

  reset(): void {
    reset(this.client);
    reset(this.server);
  }

  private finish(onClosed: () => void): void {
    clearTimeout(this.silentTimer);
    onClosed();
  }
}

/** Resets a socket. One that has sent its end is closed: libuv cannot reset it and would never release it. */
export function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
