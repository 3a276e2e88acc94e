import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { endFrame, HEARTBEAT_FRAME } from './event-frames.js';
import type { StreamEnd } from '../../../shared/metrics/live-metrics.js';

/** Silence after which a comment is sent; the figures come every five seconds unless a store is unavailable. */
const SILENCE_MS = 10_000;
/** A watcher that leaves bytes unread for so long is slow. */
const SLOW_MS = 10_000;
/** More unread bytes end the stream at once; they are more than five minutes of events. */
const MAX_UNREAD_BYTES = 64 * 1024;

export interface LiveStreamOptions {
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly address: string;
  /** Unix milliseconds by the clock of all replicas. */
  readonly tokenValidUntilMs: number;
  /** Milliseconds by the monotonic clock. */
  readonly rotateAtMs: number;
  readonly nowMs: number;
}

/** One watcher: writes frames while its client reads them, and says when it must end. */
export class LiveStream {
  readonly address: string;
  private lastWriteMs: number;
  /** Time since which bytes wait for the client; null while none do. */
  private unreadSinceMs: number | null = null;

  constructor(private readonly options: LiveStreamOptions) {
    this.address = options.address;
    this.lastWriteMs = options.nowMs;
  }

  /** @returns false when too much waits for the client already */
  write(frame: Buffer, nowMs: number): boolean {
    const { response } = this.options;
    if (response.writableLength > MAX_UNREAD_BYTES) return false;
    response.write(frame);
    this.lastWriteMs = nowMs;
    return true;
  }

  /** Sends a comment into a long silence. @returns why the stream must end, or null */
  check(nowMs: number, clockMs: number): StreamEnd | null {
    const { response, tokenValidUntilMs, rotateAtMs } = this.options;
    if (response.writableLength === 0) this.unreadSinceMs = null;
    else this.unreadSinceMs ??= nowMs;
    if (this.unreadSinceMs !== null && nowMs - this.unreadSinceMs >= SLOW_MS) return 'slow';
    if (clockMs >= tokenValidUntilMs) return 'token_expired';
    if (nowMs >= rotateAtMs) return 'rotated';
    if (nowMs - this.lastWriteMs >= SILENCE_MS) this.write(HEARTBEAT_FRAME, nowMs);
    return null;
  }

  /** Ends the stream with its reason; a client that does not read is disconnected. */
  end(reason: StreamEnd): void {
    const { response, socket } = this.options;
    if (response.writableLength > 0) socket.destroy();
    else response.end(endFrame(reason));
  }
}
