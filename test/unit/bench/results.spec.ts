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
});
