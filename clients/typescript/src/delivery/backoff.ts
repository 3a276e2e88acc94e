import type { Clock } from '../ports/clock.js';
import type { ClientSettings } from '../client-settings.js';

type Times = Pick<ClientSettings, 'firstBackoffMs' | 'maxBackoffMs'>;

/** Spreads the return of clients that the service sent away together. */
const RETRY_AFTER_SPREAD = 0.2;

/** Decides when the next attempt may begin, by the monotonic clock. */
export class Backoff {
  private failures = 0;
  private backoffUntilMs = -Infinity;
  private retryAfterUntilMs = -Infinity;

  constructor(
    private readonly times: Times,
    private readonly clock: Clock,
    private readonly random: () => number,
  ) {}

  /** Returns the wait before the next attempt. */
  remainingMs(): number {
    const untilMs = Math.max(this.backoffUntilMs, this.retryAfterUntilMs);
    return Math.max(0, untilMs - this.clock.monotonicMs());
  }

  succeed(): void {
    this.failures = 0;
    this.skip();
  }

  /** Allows one attempt earlier, such as when the network is back; a `Retry-After` still holds. */
  skip(): void {
    this.backoffUntilMs = -Infinity;
  }

  /** Half of each wait is fixed and half random. @returns the wait before the next attempt */
  fail(retryAfterMs: number | null): number {
    const nowMs = this.clock.monotonicMs();
    const { firstBackoffMs, maxBackoffMs } = this.times;
    const limitMs = Math.min(maxBackoffMs, firstBackoffMs * 2 ** Math.min(this.failures, 30));
    this.failures += 1;
    this.backoffUntilMs = nowMs + (limitMs / 2) * (1 + this.random());
    if (retryAfterMs !== null) {
      this.retryAfterUntilMs = nowMs + retryAfterMs * (1 + RETRY_AFTER_SPREAD * this.random());
    }
    return this.remainingMs();
  }
}
