import { describe, expect, it } from '@jest/globals';
import { Random } from '../../../../../tools/simulation/planning/random.js';

describe('Random', () => {
  it('returns equal numbers for equal labels only', () => {
    const draw = (...labels: (string | number)[]): number[] => {
      const random = Random.from(...labels);
      return Array.from({ length: 5 }, () => random.uint32());
    };
    expect(draw('a', 1)).toEqual(draw('a', 1));
    expect(draw('a', 1)).not.toEqual(draw('a', '1'));
    expect(draw('a', 1)).not.toEqual(draw('a1'));
  });

  it('follows its uniform, log-normal and exponential distributions', () => {
    const random = Random.from('even');
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 100_000; draw += 1) tenths[random.integer(0, 9)]! += 1;
    for (const hits of tenths) expect(Math.abs(hits - 10_000)).toBeLessThan(500);
    const values = Array.from({ length: 20_001 }, () => random.logNormal(150, 0.8)).sort((a, b) => a - b);
    expect(Math.abs(values[10_000]! - 150)).toBeLessThan(6);
    const mean = Array.from({ length: 20_000 }, () => random.exponential(8)).reduce((a, b) => a + b) / 20_000;
    expect(Math.abs(mean - 8)).toBeLessThan(0.4);
  });
});
