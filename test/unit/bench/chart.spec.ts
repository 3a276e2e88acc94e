import { describe, expect, it } from '@jest/globals';

import { drawRatios } from '../../../bench/support/chart.js';
import type { Goal } from '../../../bench/support/results.js';

/** Returns the width of the bar and where the line of the goal is, both from the left end of the bar. */
function drawn(
  ratio: number,
  goal: Goal,
): { readonly bar: number; readonly line: number; readonly full: number } {
  const picture = drawRatios([
    { id: 'x', work: 'x', limitedBy: 'y', unit: 'requests/s', limit: [1], service: [ratio], ratio, goal },
  ]);
  const [full, bar] = [...picture.matchAll(/<rect x="(\d+)" y="\d+" width="(\d+)"/g)];
  const left = Number(full?.[1]);
  const line = Number(/<line x1="(\d+)"/.exec(picture)?.[1]) - left;
  return { bar: Number(bar?.[2]), line, full: Number(full?.[2]) };
}

describe('the bar of a ratio reaches the line of its goal exactly when the goal is met', () => {
  it.each<[number, Goal, boolean]>([
    [0.4, { atLeast: 0.45 }, false],
    [0.5, { atLeast: 0.45 }, true],
    [2, { atLeast: 3 }, false],
    [4.5, { atLeast: 3 }, true],
    [1.1, { atLeast: 1.25 }, false],
  ])('%d of a rate with the goal %j', (ratio, goal, isReached) => {
    const { bar, line, full } = drawn(ratio, goal);
    expect(bar >= line).toBe(isReached);
    expect(bar).toBeLessThanOrEqual(full);
    expect(line).toBeLessThan(full);
  });
});
