import { backoffMs } from '../system/backoff.js';

const BOUNDS = { minMs: 50, maxMs: 1000, jitter: 0.5 };
/** A connection that lasted this long was of use, so the delays start again. */
const LASTING_MS = 10_000;

/**
 * Delays between attempts to connect. They double while connections fail or are soon dropped again:
 * a server that accepts connections and refuses commands is not hammered. Jitter keeps replicas apart.
 */
export class ReconnectDelay {
  private attempt = 0;
  private lastAtMs = -Infinity;

  constructor(
    private readonly nowMs: () => number = () => performance.now(),
    private readonly random: () => number = Math.random,
  ) {}

  nextMs(): number {
    const nowMs = this.nowMs();
    this.attempt = nowMs - this.lastAtMs > LASTING_MS ? 0 : Math.min(this.attempt + 1, 10);
    this.lastAtMs = nowMs;
    return backoffMs(this.attempt, BOUNDS, this.random);
  }
}
