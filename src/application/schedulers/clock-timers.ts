import type { IClock } from '../ports/clock.port.js';

/** Bounds a wait, so that a step of the clock is noticed soon. */
const MAX_WAIT_MS = 10_000;

/** The part of the library’s cron jobs that is used here. */
export interface CronTimer {
  readonly cronTime: {
    getNextDateFrom(start: Date, timeZone: string): { toMillis(): number };
  };
  fireOnTick(): unknown;
}

/**
 * Fires cron jobs by the clock of all replicas; the timers of the library go by the clock of this machine.
 * A step of the clock over a tick fires it once, and a step back fires the ticks of that time again.
 */
export class ClockTimers {
  private readonly waiting = new Set<NodeJS.Timeout>();

  constructor(
    private readonly clock: IClock,
    private readonly timeZone: string,
  ) {}

  start(job: CronTimer): void {
    this.wait(job, this.nextTick(job, this.clock.now()));
  }

  stop(): void {
    for (const timer of this.waiting) clearTimeout(timer);
    this.waiting.clear();
  }

  private wait(job: CronTimer, dueMs: number): void {
    const waitMs = Math.max(1, Math.min(MAX_WAIT_MS, dueMs - this.clock.now().getTime()));
    const timer = setTimeout(() => {
      this.waiting.delete(timer);
      const now = this.clock.now();
      // Waits on before firing: a job that throws must not end its timer.
      this.wait(job, this.nextTick(job, now));
      if (now.getTime() >= dueMs) void job.fireOnTick();
    }, waitMs);
    this.waiting.add(timer);
  }

  private nextTick(job: CronTimer, after: Date): number {
    return job.cronTime.getNextDateFrom(after, this.timeZone).toMillis();
  }
}
