import { describe, expect, it } from '@jest/globals';
import { partitionOf } from '../../../../src/infrastructure/kafka/partitioner.js';

/**
 * Partitions of topics with 1, 4, 6, 12, 48 and 1000 partitions, calculated independently of this code.
 * They never change: a subject that moved to another partition would be read out of order.
 */
const VECTORS: readonly (readonly [string, ...number[]])[] = [
  ['u:1', 0, 3, 5, 11, 35, 643],
  ['u:42', 0, 0, 2, 8, 44, 460],
  ['u:9007199254740993', 0, 2, 0, 6, 18, 154],
  ['u:9223372036854775807', 0, 2, 4, 10, 46, 390],
  ['i:install-00000001', 0, 0, 4, 4, 16, 136],
  ['i:省份-手机', 0, 2, 2, 2, 2, 434],
  ['d:2025-06-15', 0, 0, 0, 0, 36, 788],
];

describe('partitionOf()', () => {
  it.each(VECTORS)('returns the fixed partition of %s', (subject, ...partitions) => {
    expect([1, 4, 6, 12, 48, 1000].map((count) => partitionOf(subject, count))).toEqual(partitions);
  });

  it('spreads subjects evenly', () => {
    const counts = new Array<number>(12).fill(0);
    for (let user = 1; user <= 12_000; user++) counts[partitionOf(`u:${user}`, 12)]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });
});
