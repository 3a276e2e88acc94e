import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { delayOf, splitIntoPieces, type LinkMode } from './link-mode.js';

const HELD_BYTES_AT_MOST = 1_048_576;

interface Packet {
  readonly bytes: Buffer;
  /** The time on the monotonic clock before which it is not forwarded. */
  readonly dueMs: number;
}

/** Forwards the bytes of one direction of a connection, in order and as its link's mode says. */
export class Pump {
  private packets: Packet[] = [];
  private heldBytes = 0;
  private ended = false;
  private forwarding = false;
  private silent = false;

  constructor(
    private readonly source: Socket,
    private readonly target: Socket,
    private readonly mode: () => LinkMode,
  ) {
    source.on('data', (bytes: Buffer) => {
      this.accept(bytes);
    });
    source.once('end', () => {
      this.ended = true;
      this.wake();
    });
  }

  /** Drops every byte from now on and hides the end of the source. */
  silence(): void {
    this.silent = true;
    this.packets = [];
    this.source.resume();
  }

  /** Forwards what was held back, after a change of the mode. */
  wake(): void {
    if (!this.forwarding) void this.forward();
  }

  private accept(bytes: Buffer): void {
    if (this.silent) return;
    this.packets.push({ bytes, dueMs: performance.now() + delayOf(this.mode()) });
    this.heldBytes += bytes.length;
    if (this.heldBytes > HELD_BYTES_AT_MOST) this.source.pause();
    this.wake();
  }

  private async forward(): Promise<void> {
    this.forwarding = true;
    while (this.packets.length > 0 && this.mode() !== 'black-hole' && !this.target.destroyed) {
      await this.waitFor(this.packets[0]);
      // The mode may have changed meanwhile, and `silence` empties the list.
      if (this.mode() === 'black-hole') break;
      await this.write(this.take());
    }
    this.forwarding = false;
    if (this.ended && this.packets.length === 0 && !this.silent) this.target.end();
  }

  private async waitFor(packet: Packet | undefined): Promise<void> {
    const waitMs = (packet?.dueMs ?? 0) - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }

  /** Takes all packets of a coalescing link, otherwise one. */
  private take(): Buffer {
    const taken = this.packets.splice(0, this.mode() === 'coalesce' ? this.packets.length : 1);
    const bytes = Buffer.concat(taken.map((packet) => packet.bytes));
    this.heldBytes -= bytes.length;
    this.source.resume();
    return bytes;
  }

  private async write(bytes: Buffer): Promise<void> {
    const pieces = this.mode() === 'split' ? splitIntoPieces(bytes) : [bytes];
    for (const piece of pieces) {
      if (this.target.destroyed) return;
      if (!this.target.write(piece)) await this.drained();
      if (pieces.length > 1) await nextTurn();
    }
  }

  private drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.target.off('drain', done);
        this.target.off('close', done);
        resolve();
      };
      this.target.once('drain', done);
      this.target.once('close', done);
    });
  }
}
