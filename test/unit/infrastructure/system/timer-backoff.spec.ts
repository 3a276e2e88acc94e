import { describe, expect, it } from '@jest/globals';
import { backoffMs } from '../../../../src/infrastructure/system/backoff.js';
import { TimerBackoff } from '../../../../src/infrastructure/system/timer-backoff.js';

describe('backoffMs()', () => {
  it.each([
    [1, 375, 500],
    [2, 750, 1_000],
    [3, 1_500, 2_000],
    [10, 3_000, 4_000],
    [2_000, 3_000, 4_000],
  ])('returns a wait within its bounds after attempt %d', (attempt, lowest, highest) => {
    const wait = backoffMs(attempt, { minMs: 250, maxMs: 4_000 });
    expect(wait).toBeGreaterThanOrEqual(lowest);
    expect(wait).toBeLessThanOrEqual(highest);
  });
});

describe('TimerBackoff', () => {
  it('waits and then continues', async () => {
    await expect(new TimerBackoff({ minMs: 1, maxMs: 2 }).wait(3)).resolves.toBeUndefined();
  });
});
