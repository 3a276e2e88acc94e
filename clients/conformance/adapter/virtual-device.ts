import type { Clock, StartTimer } from '../../typescript/src/ports/clock.js';

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** Turns of the event loop without work after which the client counts as idle. */
const IDLE_TURNS = 3;

/** Clock, timers and a count of unfinished work, in time that passes when it is told to. */
export class VirtualDevice {
  private monotonicMs = 0;
  private readonly timers = new Set<Timer>();
  private working = 0;

  constructor(private wallMs: number) {}

  readonly clock: Clock = {
    wallMs: () => this.wallMs,
    monotonicMs: () => this.monotonicMs,
    monotonicCountsSleep: true,
  };

  readonly startTimer: StartTimer = (callback, delayMs) => {
    const timer = { atMs: this.monotonicMs + delayMs, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  };

  setClock(byMs: number): void {
    this.wallMs += byMs;
  }

  /** Runs the timers in their order, each at its time, and lets what they began come to rest. */
  async advance(ms: number): Promise<void> {
    const endMs = this.monotonicMs + ms;
    await this.idle();
    for (let next = this.nextBefore(endMs); next !== undefined; next = this.nextBefore(endMs)) {
      this.timers.delete(next);
      this.moveTo(next.atMs);
      next.callback();
      await this.idle();
    }
    this.moveTo(endMs);
  }

  /** Counts work that ends by itself: writes to the storage, compression. */
  async count<T>(work: Promise<T>): Promise<T> {
    this.working += 1;
    try {
      return await work;
    } finally {
      this.working -= 1;
    }
  }

  /** Waits until the client waits for time or for the network. */
  async idle(): Promise<void> {
    for (let quiet = 0; quiet < IDLE_TURNS; quiet = this.working === 0 ? quiet + 1 : 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private nextBefore(endMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.timers) {
      if (timer.atMs <= endMs && (next === undefined || timer.atMs < next.atMs)) next = timer;
    }
    return next;
  }

  private moveTo(monotonicMs: number): void {
    const passedMs = Math.max(0, monotonicMs - this.monotonicMs);
    this.monotonicMs += passedMs;
    this.wallMs += passedMs;
  }
}
