import type { StartTimer } from '../../src/shared/utils/timeout.util.js';

/** A clock with timers that run when the test moves it on. */
export class ManualTimers {
  nowMs = 0;
  /** Delays of all timers so far. */
  readonly delays: number[] = [];
  private readonly pending = new Set<{ readonly atMs: number; readonly callback: () => void }>();

  readonly now = (): number => this.nowMs;

  readonly start: StartTimer = (callback, delayMs) => {
    const timer = { atMs: this.nowMs + delayMs, callback };
    this.delays.push(delayMs);
    this.pending.add(timer);
    return () => this.pending.delete(timer);
  };

  get running(): number {
    return this.pending.size;
  }

  /** Runs every timer at once, whatever its time. */
  fireAll(): void {
    for (const timer of this.pending) {
      this.pending.delete(timer);
      timer.callback();
    }
  }

  /** Moves the clock on, and lets what the timers caused happen. */
  async advance(milliseconds: number): Promise<void> {
    this.nowMs += milliseconds;
    for (const timer of [...this.pending].sort((a, b) => a.atMs - b.atMs)) {
      if (timer.atMs > this.nowMs || !this.pending.delete(timer)) continue;
      timer.callback();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
