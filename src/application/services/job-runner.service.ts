import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { CLOCK, type IClock } from '../ports/clock.port.js';
import { NO_TRACER, TRACER, type ITracer } from '../ports/tracer.port.js';
import { JOBS, type Job } from '../schedulers/jobs.js';
import { jobLastSuccessSeconds, jobRunsTotal } from '../../shared/metrics/metrics.js';
import { endsWithin } from '../../shared/utils/timeout.util.js';

const DRAIN_TIMEOUT_MS = 3000;
const OUTCOMES = ['done', 'skipped', 'failed'] as const;

/**
 * Runs each job at most once at a time in this process, and logs failures instead of throwing into the
 * timer.
 */
@Injectable()
export class JobRunner {
  private readonly logger = new Logger(JobRunner.name);
  private readonly running = new Map<Job, Promise<void>>();
  private draining = false;

  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Optional() @Inject(TRACER) private readonly tracer: ITracer = NO_TRACER,
  ) {
    for (const job of JOBS) {
      for (const outcome of OUTCOMES) jobRunsTotal.inc({ job, outcome }, 0);
      jobLastSuccessSeconds.set({ job }, NaN);
    }
  }

  /** Resolves when the job has ended. Skips a tick whose job is still running. */
  async run(job: Job, work: () => Promise<void>): Promise<void> {
    if (this.draining) return;
    if (this.running.has(job)) {
      jobRunsTotal.inc({ job, outcome: 'skipped' });
      this.logger.warn(`Job ${job} is still running from its last tick; this tick is skipped`);
      return;
    }
    const run = this.execute(job, work).finally(() => {
      this.running.delete(job);
    });
    this.running.set(job, run);
    await run;
  }

  /** Runs the job without waiting for it. */
  start(job: Job, work: () => Promise<void>): void {
    void this.run(job, work);
  }

  /**
   * Stops starting jobs and waits for running ones up to a bound: every job is idempotent and due again
   * later.
   */
  async drain(): Promise<void> {
    this.draining = true;
    if (this.running.size === 0) return;
    const ended = await endsWithin(Promise.all(this.running.values()), DRAIN_TIMEOUT_MS);
    if (!ended) this.logger.warn(`Not waiting any longer for ${[...this.running.keys()].join(', ')}`);
  }

  private async execute(job: Job, work: () => Promise<void>): Promise<void> {
    try {
      await this.tracer.run(`job ${job}`, { parent: null }, work);
      jobRunsTotal.inc({ job, outcome: 'done' });
      jobLastSuccessSeconds.set({ job }, Math.floor(this.clock.now().getTime() / 1000));
    } catch (error) {
      jobRunsTotal.inc({ job, outcome: 'failed' });
      this.logger.error(`Job ${job} failed and is tried again at its next tick`, error);
    }
  }
}
