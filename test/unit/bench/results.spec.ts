import { describe, expect, it } from '@jest/globals';

import { isMet, verdictOf, type Goal } from '../../../bench/support/results.js';

const judged = (ratio: number, goal?: Goal, service: readonly number[] = [10, 30, 20]) => ({
  ...{ ratio, service, unit: 'ms' },
  ...(goal !== undefined && { goal }),
});

describe('the verdict of a comparison', () => {
  it.each<[number, Goal, boolean]>([
    [-0.06, { atMost: 2 }, true],
    [2, { atMost: 2 }, true],
    [2.01, { atMost: 2 }, false],
    [0.5, { atLeast: 0.5 }, true],
    [0.49, { atLeast: 0.5 }, false],
    [-0.06, { atLeast: 0.5 }, false],
    [-0.06, { valueAtMost: 20 }, true],
    [5, { valueAtMost: 19 }, false],
    [NaN, { atMost: 2 }, false],
  ])('for a ratio of %d and the goal %j is: %s', (ratio, goal, expected) => {
    expect(isMet(judged(ratio, goal))).toBe(expected);
  });

  it('names the goal, and is none without one', () => {
    expect(verdictOf(judged(-0.06, { atMost: 2 }))).toBe('≤ 2: met');
    expect(verdictOf(judged(0.2, { atLeast: 0.5 }))).toBe('≥ 0.5: not met');
    expect(verdictOf(judged(1))).toBe('–');
  });

  it('for a rate and its CPU time asks for both', () => {
    const goal = { atLeast: 0.45, cpuMicrosecondsAtMost: 90 };
    expect(verdictOf({ ...judged(0.5, goal), cpuMicroseconds: 90 })).toBe('≥ 0.45, ≤ 90 µs: met');
    expect(isMet({ ...judged(0.5, goal), cpuMicroseconds: 91 })).toBe(false);
    expect(isMet({ ...judged(0.44, goal), cpuMicroseconds: 80 })).toBe(false);
    expect(isMet(judged(0.5, goal))).toBe(false);
  });
});
