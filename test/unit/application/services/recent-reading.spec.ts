import { describe, expect, it } from '@jest/globals';
import { RecentReading } from '../../../../src/application/services/recent-reading.js';
import { FixedClock } from '../../../support/contracts/clock/fake.js';
import { deferred } from '../../../support/deferred.js';

const PERIOD_MS = 5_000;

describe('RecentReading', () => {
  it('reads once for all who ask at once and within the period after it', async () => {
    const clock = new FixedClock();
    const asOf = clock.now();
    let reads = 0;
    const reading = new RecentReading(clock, PERIOD_MS, async () => ++reads);
    expect(await Promise.all([reading.get(), reading.get()])).toEqual([
      { value: 1, asOf },
      { value: 1, asOf },
    ]);
    clock.advance(PERIOD_MS - 1);
    expect(await reading.get()).toEqual({ value: 1, asOf });
    clock.advance(1);
    expect(await reading.get()).toEqual({ value: 2, asOf: clock.now() });
  });

  it('shares a reading that takes longer than the period', async () => {
    const clock = new FixedClock();
    const slow = deferred<number>();
    let reads = 0;
    const reading = new RecentReading(clock, PERIOD_MS, () => {
      reads++;
      return slow.promise;
    });
    const first = reading.get();
    clock.advance(10 * PERIOD_MS);
    const second = reading.get();
    slow.resolve(7);
    expect([(await first).value, (await second).value, reads]).toEqual([7, 7, 1]);
    expect((await reading.get()).value).toBe(7);
  });

  it('repeats a failure for the period, then reads again', async () => {
    const clock = new FixedClock();
    let reads = 0;
    const reading = new RecentReading(clock, PERIOD_MS, async () => {
      if (++reads === 1) throw new Error('unavailable');
      return reads;
    });
    await expect(reading.get()).rejects.toThrow('unavailable');
    await expect(reading.get()).rejects.toThrow('unavailable');
    clock.advance(PERIOD_MS);
    expect((await reading.get()).value).toBe(2);
  });
});
