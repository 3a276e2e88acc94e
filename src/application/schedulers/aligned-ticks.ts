import type { IClock } from '../ports/clock.port.js';

/** Timers may fire a little early; a tick so close is the one that was meant. */
const EARLY_MS = 500;

/** Ticks at multiples of a period by the clock of all replicas, so that they tick together. */
export class AlignedTicks {
  private timer: NodeJS.Timeout | null = null;

  /** @param onTick receives the Unix milliseconds of the tick, a multiple of the period */
  constructor(
    private readonly clock: IClock,
    private readonly periodMs: number,
    private readonly onTick: (tickMs: number) => void,
  ) {}

  /** Ticks at once for the period that runs, and then at the start of each. */
  start(): void {
    this.stop();
    const nowMs = this.clock.now().getTime() + EARLY_MS;
    const tickMs = Math.floor(nowMs / this.periodMs) * this.periodMs;
    const waitMs = tickMs + this.periodMs - this.clock.now().getTime();
    this.timer = setTimeout(() => {
      this.start();
    }, waitMs);
    this.onTick(tickMs);
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
