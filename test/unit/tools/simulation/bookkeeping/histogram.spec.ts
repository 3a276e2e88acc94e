import { describe, expect, it } from '@jest/globals';
import { Histogram } from '../../../../../tools/simulation/bookkeeping/histogram.js';

describe('Histogram', () => {
  it('returns percentiles accurate to about one percent', () => {
    const histogram = new Histogram();
    expect(histogram.quantile(0.5)).toBe(0);
    for (let ms = 1; ms <= 1_000; ms += 1) histogram.record(ms);
    expect(Math.abs(histogram.quantile(0.5) - 500)).toBeLessThan(10);
    expect(Math.abs(histogram.quantile(0.99) - 990)).toBeLessThan(20);
  });
});
