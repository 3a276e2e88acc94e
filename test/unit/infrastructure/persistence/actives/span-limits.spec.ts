import { describe, expect, it } from '@jest/globals';

import {
  limitsForPool,
  SPAN_LIMITS,
} from '../../../../../src/infrastructure/persistence/actives/span-limits.js';

describe('the figures that are counted at once', () => {
  it('are as many as the limits say with the default pool', () => {
    expect(limitsForPool(10)).toEqual(SPAN_LIMITS);
  });

  it('leave two connections of each pool to events, but for the smallest ones', () => {
    for (let poolSize = 2; poolSize <= 200; poolSize++) {
      const { lanes, places } = limitsForPool(poolSize);
      expect(Math.min(lanes, places.lanes)).toBeGreaterThanOrEqual(1);
      expect(lanes + 2 * places.lanes).toBeLessThanOrEqual(Math.max(3, poolSize - 2));
    }
  });
});
