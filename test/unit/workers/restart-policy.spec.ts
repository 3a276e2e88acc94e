import { describe, expect, it } from '@jest/globals';

import { RestartPolicy } from '../../../src/restart-policy.js';

const LIMITS = { workers: 1, maxCrashes: 4, windowMs: 60_000, minDelayMs: 100, maxDelayMs: 500 };

describe('the replacement of crashed workers', () => {
  it('waits longer after each crash up to a bound, and ends after too many', () => {
    const policy = new RestartPolicy(LIMITS, () => 0);
    expect(Array.from({ length: 5 }, () => policy.noteCrash())).toEqual([100, 200, 400, 500, null]);
  });

  it('counts the end of all workers together as one round', () => {
    const policy = new RestartPolicy({ ...LIMITS, workers: 3, maxCrashes: 9 }, () => 0);
    const delays = Array.from({ length: 10 }, () => policy.noteCrash());
    expect(delays).toEqual([100, 100, 100, 200, 200, 200, 400, 400, 400, null]);
  });

  it('forgets crashes that lie behind the window', () => {
    let now = 0;
    const policy = new RestartPolicy(LIMITS, () => now);
    for (let crash = 0; crash < 20; crash++) {
      expect(policy.noteCrash()).toBe(100);
      now += LIMITS.windowMs;
    }
  });
});
