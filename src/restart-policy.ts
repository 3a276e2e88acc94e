export interface RestartLimits {
  /** Workers that one cause may end together, which is one round of crashes. */
  readonly workers: number;
  /** Crashes within the window, of all workers together, after which no other worker is started. */
  readonly maxCrashes: number;
  readonly windowMs: number;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

/** Decides whether and when a crashed worker is replaced: at once after a rare crash, later after each round. */
export class RestartPolicy {
  private crashes: number[] = [];

  constructor(
    private readonly limits: RestartLimits,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** @returns the delay in milliseconds before a replacement; null when too many workers crashed */
  noteCrash(): number | null {
    const { workers, maxCrashes, windowMs, minDelayMs, maxDelayMs } = this.limits;
    const now = this.nowMs();
    this.crashes = [...this.crashes.filter((at) => now - at < windowMs), now];
    if (this.crashes.length > maxCrashes) return null;
    const rounds = Math.floor((this.crashes.length - 1) / workers);
    return Math.min(maxDelayMs, minDelayMs * 2 ** rounds);
  }
}
