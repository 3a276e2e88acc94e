import type { RateLimitStore, WindowCount } from '../../application/ports/rate-limit-store.port.js';
import { SHARED_COUNT_TIMEOUT_MS } from '../../shared/rules/request-budget.rule.js';
import { settleWithin, startIoTimer, type StartTimer } from '../../shared/utils/timeout.util.js';

/** Pause before the store is tried again; each replica counts for itself meanwhile. */
export const STORE_RETRY_MS = 5_000;

/**
 * The counts of all replicas, for all limits: once the store failed one limit, no other one waits for it.
 * A single try every few seconds, which no request waits for, finds out that the store is back.
 */
export class SharedCounts {
  private retryAtMs: number | null = null;
  private isTrying = false;

  constructor(
    private readonly store: RateLimitStore,
    private readonly nowMs: () => number = () => performance.now(),
    private readonly startTimer: StartTimer = startIoTimer,
  ) {}

  /** @returns null when the replica has to count for itself */
  async increment(key: string, windowMs: number): Promise<WindowCount | null> {
    if (this.retryAtMs === null) return this.tryStore(key, windowMs);
    if (!this.isTrying && this.nowMs() >= this.retryAtMs) void this.retry(key, windowMs);
    return null;
  }

  private async retry(key: string, windowMs: number): Promise<void> {
    this.isTrying = true;
    const count = await this.tryStore(key, windowMs);
    if (count !== null) this.retryAtMs = null;
    this.isTrying = false;
  }

  /** Never rejects; the adapter of the store logs the outage. */
  private async tryStore(key: string, windowMs: number): Promise<WindowCount | null> {
    try {
      return await settleWithin(
        this.store.increment(key, windowMs),
        SHARED_COUNT_TIMEOUT_MS,
        this.startTimer,
      );
    } catch {
      this.retryAtMs = this.nowMs() + STORE_RETRY_MS;
      return null;
    }
  }
}
