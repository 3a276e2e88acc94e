import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { JobRunner } from '../../../../src/application/services/job-runner.service.js';
import { jobLastSuccessSeconds, jobRunsTotal } from '../../../../src/shared/metrics/metrics.js';
import { MINUTE_MS, NOW, unixSeconds } from '../../../support/builders.js';
import { FixedClock } from '../../../support/contracts/clock/fake.js';
import { deferred } from '../../../support/deferred.js';

Logger.overrideLogger(false);

let clock: FixedClock;
let jobs: JobRunner;

beforeEach(() => {
  clock = new FixedClock();
  jobs = new JobRunner(clock);
  jobRunsTotal.reset();
  jobLastSuccessSeconds.reset();
});

/** Returns how often a job ended with each outcome. */
async function outcomes(job: string): Promise<Record<string, number>> {
  const { values } = await jobRunsTotal.get();
  return Object.fromEntries(
    values
      .filter(({ labels }) => labels.job === job)
      .map(({ labels, value }) => [String(labels.outcome), value]),
  );
}

describe('JobRunner', () => {
  it('resolves when the job has ended', async () => {
    const work = deferred<undefined>();
    let ended = false;
    const run = jobs.run('maintenance', () => work.promise).then(() => (ended = true));
    await Promise.resolve();
    expect(ended).toBe(false);
    work.resolve(undefined);
    await run;
    expect(await outcomes('maintenance')).toEqual({ done: 1 });
  });

  it('skips a tick that finds its job still running', async () => {
    const work = deferred<undefined>();
    let runs = 0;
    const tick = (): Promise<void> =>
      jobs.run('maintenance', async () => {
        runs++;
        await work.promise;
      });
    const first = tick();
    await tick();
    expect(runs).toBe(1);
    work.resolve(undefined);
    await first;
    expect(await outcomes('maintenance')).toEqual({ done: 1, skipped: 1 });

    await tick();
    expect(runs).toBe(2);
  });

  it('runs different jobs in parallel', async () => {
    const work = deferred<undefined>();
    const slow = jobs.run('realtime-dau', () => work.promise);
    await jobs.run('online-snapshot', async () => {});
    expect(await outcomes('online-snapshot')).toEqual({ done: 1 });
    work.resolve(undefined);
    await slow;
  });

  describe('a failure', () => {
    it('is counted and not thrown', async () => {
      await expect(jobs.run('maintenance', () => Promise.reject(new Error('away')))).resolves.toBeUndefined();
      expect(await outcomes('maintenance')).toEqual({ failed: 1 });
    });

    it('is counted when the job throws synchronously', async () => {
      await jobs.run('maintenance', () => {
        throw new Error('at once');
      });
      expect(await outcomes('maintenance')).toEqual({ failed: 1 });
    });

    it('does not keep the next tick from running', async () => {
      await jobs.run('maintenance', () => Promise.reject(new Error('away')));
      await jobs.run('maintenance', async () => {});
      expect(await outcomes('maintenance')).toEqual({ failed: 1, done: 1 });
    });

    it('keeps the time of the last success', async () => {
      const lastSuccess = async (): Promise<number | undefined> =>
        (await jobLastSuccessSeconds.get()).values[0]?.value;
      await jobs.run('maintenance', async () => {});
      clock.advance(MINUTE_MS);
      await jobs.run('maintenance', () => Promise.reject(new Error('away')));
      expect(await lastSuccess()).toBe(unixSeconds(NOW));
    });
  });

  describe('drain', () => {
    it('waits for running jobs', async () => {
      const work = deferred<undefined>();
      const order: string[] = [];
      jobs.start('maintenance', async () => {
        await work.promise;
        order.push('maintenance');
      });
      const drained = jobs.drain().then(() => order.push('drained'));
      work.resolve(undefined);
      await drained;
      expect(order).toEqual(['maintenance', 'drained']);
    });

    it('resolves at once when no job runs', async () => {
      await expect(jobs.drain()).resolves.toBeUndefined();
    });

    it('resolves when a running job fails', async () => {
      const work = deferred<undefined>();
      jobs.start('maintenance', () => work.promise);
      const drained = jobs.drain();
      work.reject(new Error('away'));
      await expect(drained).resolves.toBeUndefined();
    });

    describe('with a job that does not end', () => {
      beforeEach(() => {
        jest.useFakeTimers();
      });

      afterEach(() => {
        jest.useRealTimers();
      });

      it('waits three seconds and no longer', async () => {
        jobs.start('maintenance', () => new Promise(() => {}));
        let drained = false;
        const draining = jobs.drain().then(() => (drained = true));
        await jest.advanceTimersByTimeAsync(2999);
        expect(drained).toBe(false);
        await jest.advanceTimersByTimeAsync(1);
        await draining;
      });

      it('leaves no timer when the job has ended', async () => {
        const work = deferred<undefined>();
        jobs.start('maintenance', () => work.promise);
        const draining = jobs.drain();
        work.resolve(undefined);
        await draining;
        expect(jest.getTimerCount()).toBe(0);
      });
    });

    it('prevents new jobs', async () => {
      await jobs.drain();
      await jobs.run('maintenance', () => Promise.reject(new Error('must not run')));
      expect(await outcomes('maintenance')).toEqual({});
    });
  });
});
