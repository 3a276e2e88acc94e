import { describe, expect, it } from '@jest/globals';

import type { IJobLock } from '../../../../src/application/ports/job-lock.port.js';
import { gate } from '../../deferred.js';
import { rejectionOf } from '../../failures.js';
import { waitFor } from '../../processes.js';
import { useHarness, type RepositoryHarness } from '../use-harness.js';

/** Tries to take the lock now and returns whether the work ran. */
export async function isFree(lock: IJobLock, name: string): Promise<boolean> {
  let ran = false;
  const got = await lock.runExclusively(name, async () => {
    ran = true;
  });
  expect(ran).toBe(got);
  return got;
}

/** Runs work under the lock until `end`; resolves once the work runs. */
export async function hold(
  lock: IJobLock,
  name: string,
): Promise<{ end(): Promise<boolean>; done: Promise<boolean> }> {
  const [started, ended] = [gate(), gate()];
  const done = lock.runExclusively(name, () => {
    started.open();
    return ended.opened;
  });
  done.catch(() => undefined);
  await Promise.race([started.opened, done]);
  return {
    done,
    end: () => {
      ended.open();
      return done;
    },
  };
}

/** Describes what every {@link IJobLock} does. */
export function describeJobLock(adapter: string, start: () => Promise<RepositoryHarness<IJobLock>>): void {
  describe(`IJobLock: ${adapter}`, () => {
    let a: IJobLock;
    let b: IJobLock;

    useHarness(start, (...opened) => {
      [a, b] = opened;
    });

    it('runs the work of one replica at a time and frees the lock when the work ends', async () => {
      const held = await hold(a, 'rollup');
      expect(await isFree(b, 'rollup')).toBe(false);
      expect(await isFree(a, 'rollup')).toBe(false);
      expect(await held.end()).toBe(true);
      expect(await isFree(b, 'rollup')).toBe(true);
      expect(await isFree(a, 'rollup')).toBe(true);
    });

    it('locks each name on its own', async () => {
      const held = await hold(a, 'rollup');
      expect(await isFree(b, 'yesterday')).toBe(true);
      await held.end();
    });

    it('admits one of six callers that ask at the same moment', async () => {
      const [started, ended] = [gate(), gate()];
      let running = 0;
      const attempts = Array.from({ length: 6 }, (_, i) =>
        [a, b][i % 2]!.runExclusively('crowd', async () => {
          running++;
          started.open();
          await ended.opened;
        }),
      );
      await started.opened;
      // The five others are refused before the gate opens, since the admitted work waits there.
      await waitFor(async () => (await Promise.all(attempts.map(isSettled))).filter(Boolean).length === 5);
      expect(running).toBe(1);
      ended.open();
      expect((await Promise.all(attempts)).filter(Boolean)).toHaveLength(1);
      expect(running).toBe(1);
    });

    it('rejects with the failure of the work and frees the lock', async () => {
      const failure = new Error('the work failed');
      expect(await rejectionOf(a.runExclusively('rollup', () => Promise.reject(failure)))).toBe(failure);
      expect(await isFree(b, 'rollup')).toBe(true);
    });
  });
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}
