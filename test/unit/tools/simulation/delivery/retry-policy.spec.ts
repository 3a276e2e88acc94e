import { describe, expect, it } from '@jest/globals';
import { backoffMs } from '../../../../../tools/simulation/delivery/retry-policy.js';
import { Random } from '../../../../../tools/simulation/planning/random.js';

describe('backoffMs', () => {
  it('grows with jitter up to a bound and never undercuts Retry-After', () => {
    const random = Random.from('backoff');
    const waits = (failures: number, retryAfterMs?: number): number[] =>
      Array.from({ length: 200 }, () => backoffMs(failures, retryAfterMs, random));
    expect(Math.max(...waits(1))).toBeLessThanOrEqual(250);
    expect(Math.min(...waits(4))).toBeGreaterThanOrEqual(1_000);
    expect(new Set(waits(3)).size).toBeGreaterThan(190);
    expect(Math.max(...waits(40))).toBeLessThanOrEqual(8_000);
    expect(Math.min(...waits(1, 3_000))).toBeGreaterThanOrEqual(3_000);
    expect(Math.max(...waits(1, 3_600_000))).toBeLessThanOrEqual(30_500);
  });
});
