import type { Clock } from '../ports/clock.js';

/** Decides which return to the foreground begins a new session, by the monotonic clock. */
export class SessionRule {
  private inForeground = false;
  private leftAtMs = -Infinity;

  constructor(
    private readonly clock: Clock,
    private readonly gapMs: number,
  ) {}

  /** @returns true for a launch, and for a return after the gap */
  enter(): boolean {
    if (this.inForeground) return false;
    this.inForeground = true;
    return this.clock.monotonicMs() - this.leftAtMs >= this.gapMs;
  }

  leave(): void {
    if (!this.inForeground) return;
    this.inForeground = false;
    this.leftAtMs = this.clock.monotonicMs();
  }

  get isForeground(): boolean {
    return this.inForeground;
  }
}
