import type { Timers } from '../../../../web/src/api/timers.js';

interface Timer {
  readonly atMs: number;
  readonly call: () => void;
}

/** Timers whose time the test moves. */
export class ManualTimers implements Timers {
  private timers: Timer[] = [];

  constructor(private time = Date.parse('2026-11-27T10:00:00Z')) {}

  nowMs(): number {
    return this.time;
  }

  random(): number {
    return 1;
  }

  after(delayMs: number, call: () => void): () => void {
    const timer = { atMs: this.time + delayMs, call };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((one) => one !== timer);
    };
  }

  /** Runs what is due until then, in order, and lets each take effect. */
  async pass(ms: number): Promise<void> {
    const endMs = this.time + ms;
    await settle();
    for (;;) {
      const [next] = this.timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.timers = this.timers.filter((one) => one !== next);
      this.time = next.atMs;
      next.call();
      await settle();
    }
    this.time = endMs;
  }

  /** Moves the time without a timer, as a computer that is asleep. */
  sleep(ms: number): void {
    this.time += ms;
  }

  get waiting(): number {
    return this.timers.length;
  }
}

/** Lets promises that need no time of their own come to their end. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((done) => setImmediate(done));
}
