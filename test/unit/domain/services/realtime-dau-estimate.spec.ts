import { describe, expect, it } from '@jest/globals';
import { hasLost, toleratedDifference } from '../../../../src/domain/services/realtime-dau-estimate.js';

describe('toleratedDifference', () => {
  it.each([
    [0, 3],
    [1, 3],
    [92, 3],
    [100, 3.24],
    [1_000_000, 32_400],
  ])('of %i actives is %d: four standard errors, and never less than three users', (exact, tolerated) => {
    expect(toleratedDifference(exact)).toBeCloseTo(tolerated, 6);
  });
});

describe('hasLost', () => {
  it.each([
    [0, 0],
    [1, 4],
    [967_600, 1_000_000],
  ])('takes %i for %i', (live, exact) => {
    expect(hasLost(live, exact)).toBe(false);
  });

  it.each([
    [4, 8],
    [967_599, 1_000_000],
  ])('does not take %i for %i', (live, exact) => {
    expect(hasLost(live, exact)).toBe(true);
  });

  it('takes a figure that is too high: adding again would not lower it', () => {
    expect(hasLost(2_000_000, 1_000_000)).toBe(false);
  });

  it('never takes nobody for somebody, however few: Redis has lost the day', () => {
    expect(hasLost(0, 1)).toBe(true);
  });
});
