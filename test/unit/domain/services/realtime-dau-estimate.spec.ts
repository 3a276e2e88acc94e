import { describe, expect, it } from '@jest/globals';
import { hasLost, toleratedDifference } from '../../../../src/domain/services/realtime-dau-estimate.js';

describe('toleratedDifference', () => {
  it.each([
    [0, 3],
    [1, 3],
    [92, 3],
    [100, 3.24],
    [1_000_000, 32_400],
  ])('is, for %i actives, %d: four standard errors and at least three users', (exact, tolerated) => {
    expect(toleratedDifference(exact)).toBeCloseTo(tolerated, 6);
  });
});

describe('hasLost', () => {
  it.each([
    [0, 0],
    [1, 4],
    [967_600, 1_000_000],
  ])('reports a loss of %i against %i', (live, exact) => {
    expect(hasLost(live, exact)).toBe(false);
  });

  it.each([
    [4, 8],
    [967_599, 1_000_000],
  ])('reports no loss of %i against %i', (live, exact) => {
    expect(hasLost(live, exact)).toBe(true);
  });

  it('reports no loss for a figure that is too high', () => {
    expect(hasLost(2_000_000, 1_000_000)).toBe(false);
  });

  it('reports a loss when an empty day should have any actives', () => {
    expect(hasLost(0, 1)).toBe(true);
  });
});
