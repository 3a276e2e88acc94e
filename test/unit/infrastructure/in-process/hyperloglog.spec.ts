import { beforeEach, describe, expect, it } from '@jest/globals';
import { REALTIME_DAU_STANDARD_ERROR } from '../../../../src/domain/services/realtime-dau-estimate.js';
import { HyperLogLog } from '../../../../src/infrastructure/in-process/hyperloglog.js';

describe('HyperLogLog', () => {
  let sketch: HyperLogLog;

  beforeEach(() => {
    sketch = new HyperLogLog();
  });

  function addUpTo(n: number, prefix = 'u:'): void {
    for (let i = 1; i <= n; i++) sketch.add(`${prefix}${i}`);
  }

  it.each([0, 1, 2])('is exact at %i', (n) => {
    addUpTo(n);
    expect(sketch.count()).toBe(n);
  });

  // Around 80,000, five times the registers, is where estimators that switch formulas jump.
  it.each([10, 100, 2_000, 16_384, 50_000, 80_000])('is within four standard errors at %i', (n) => {
    addUpTo(n);
    expect(Math.abs(sketch.count() - n)).toBeLessThanOrEqual(4 * REALTIME_DAU_STANDARD_ERROR * n);
  });

  it('keeps two of three estimates within one standard error, and all within four', () => {
    const errors = Array.from({ length: 12 }, (_, run) => {
      sketch = new HyperLogLog();
      addUpTo(5_000, `run ${run} `);
      return Math.abs(sketch.count() / 5_000 - 1) / REALTIME_DAU_STANDARD_ERROR;
    });
    expect(errors.filter((error) => error <= 1).length).toBeGreaterThanOrEqual(6);
    expect(Math.max(...errors)).toBeLessThanOrEqual(4);
  });

  it('counts a repeated identity once, whatever the order', () => {
    addUpTo(2_000);
    const once = sketch.count();
    for (let i = 2_000; i >= 1; i--) sketch.add(`u:${i}`);
    expect(sketch.count()).toBe(once);
  });

  it('counts identities that differ in one letter apart', () => {
    sketch.add('u:42');
    sketch.add('i:42');
    expect(sketch.count()).toBe(2);
  });
});
