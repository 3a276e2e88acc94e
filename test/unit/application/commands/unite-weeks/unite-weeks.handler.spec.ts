import { describe, expect, it } from '@jest/globals';
import { UniteWeeksCommand } from '../../../../../src/application/commands/unite-weeks/unite-weeks.command.js';
import { UniteWeeksHandler } from '../../../../../src/application/commands/unite-weeks/unite-weeks.handler.js';
import { ApplicationException } from '../../../../../src/shared/exceptions/application.exception.js';
import { MINUTE_MS, NOW } from '../../../../support/builders.js';
import { InMemoryActiveBits } from '../../../../support/contracts/active-bits-repository/fake.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';
import { InMemoryDailyActives } from '../../../../support/contracts/daily-actives-repository/fake.js';

describe('uniting weeks', () => {
  it('unites as many weeks as it may, and says which', async () => {
    const bits = new InMemoryActiveBits(new InMemoryDailyActives());
    bits.weeks = ['2025-01-06', '2024-12-30', '2024-12-23'];
    const handler = new UniteWeeksHandler(new FixedClock(NOW.toISOString()), bits);
    await expect(handler.execute(new UniteWeeksCommand(2))).resolves.toEqual({
      weeks: ['2025-01-06', '2024-12-30'],
    });
    expect(bits.united).toEqual(['2025-01-06', '2024-12-30']);
    await expect(handler.execute(new UniteWeeksCommand(2))).resolves.toEqual({ weeks: ['2024-12-23'] });
    await expect(handler.execute(new UniteWeeksCommand(2))).resolves.toEqual({ weeks: [] });
  });

  it('unites older weeks after one that fails, and then reports the failure', async () => {
    const bits = new InMemoryActiveBits(new InMemoryDailyActives());
    bits.weeks = ['2025-01-06', '2024-12-30'];
    const unite = bits.uniteWeek.bind(bits);
    bits.uniteWeek = (week) => (week === '2025-01-06' ? Promise.reject(new Error('too slow')) : unite(week));
    const handler = new UniteWeeksHandler(new FixedClock(NOW.toISOString()), bits);
    await expect(handler.execute(new UniteWeeksCommand(2))).rejects.toThrow('too slow');
    expect(bits.united).toEqual(['2024-12-30']);
  });

  it('begins no week after the time that it has, and says which are united', async () => {
    const bits = new InMemoryActiveBits(new InMemoryDailyActives());
    bits.weeks = ['2025-01-06', '2024-12-30', '2024-12-23'];
    const clock = new FixedClock();
    const unite = bits.uniteWeek.bind(bits);
    bits.uniteWeek = (week) => {
      clock.advance(10 * MINUTE_MS);
      return unite(week);
    };
    const command = new UniteWeeksCommand(3, clock.elapsedMs() + 20 * MINUTE_MS);
    const weeks = ['2025-01-06', '2024-12-30'];
    await expect(new UniteWeeksHandler(clock, bits).execute(command)).resolves.toEqual({ weeks });
    expect(bits.united).toEqual(weeks);
  });

  it('stops at once when the builds are busy, which every week waits for', async () => {
    const bits = new InMemoryActiveBits(new InMemoryDailyActives());
    bits.weeks = ['2025-01-06', '2024-12-30'];
    const busy = new ApplicationException('builds_busy');
    const unite = bits.uniteWeek.bind(bits);
    bits.uniteWeek = (week) => (week === '2025-01-06' ? Promise.reject(busy) : unite(week));
    await expect(
      new UniteWeeksHandler(new FixedClock(), bits).execute(new UniteWeeksCommand(2)),
    ).rejects.toBe(busy);
    expect(bits.united).toEqual([]);
  });
});
