import { describe, expect, it } from '@jest/globals';
import { backOffMs } from '../../../../web/src/api/back-off.js';

const LIMITS = { baseMs: 1_000, maxMs: 60_000 };

describe('backOffMs', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [5, 16_000],
    [7, 60_000],
    [5_000, 60_000],
  ])('after %i failures waits at most %i ms and at least half of it', (failures, longestMs) => {
    expect(backOffMs(failures, LIMITS, () => 1)).toBe(longestMs);
    expect(backOffMs(failures, LIMITS, () => 0)).toBe(longestMs / 2);
  });
});
