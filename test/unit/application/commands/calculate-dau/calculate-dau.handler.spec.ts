import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  CalculateDauCommand,
  type CalculateDauResult,
} from '../../../../../src/application/commands/calculate-dau/calculate-dau.command.js';
import { CalculateDauHandler } from '../../../../../src/application/commands/calculate-dau/calculate-dau.handler.js';
import { DailyActiveStats } from '../../../../../src/domain/aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import { DauCalculatedEvent } from '../../../../../src/domain/events/dau-calculated.event.js';
import type { PendingMarks } from '../../../../../src/domain/repositories/daily-actives.repository.interface.js';
import { DauCalculationService } from '../../../../../src/domain/services/dau-calculation.service.js';
import {
  activeCount,
  earlier,
  later,
  MINUTE_MS,
  NOW,
  YESTERDAY,
  storedStats,
} from '../../../../support/builders.js';
import { InMemoryActiveBits } from '../../../../support/contracts/active-bits-repository/fake.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';
import { InMemoryDailyActiveStats } from '../../../../support/contracts/daily-active-stats-repository/fake.js';
import { InMemoryDailyActives } from '../../../../support/contracts/daily-actives-repository/fake.js';
import { applicationError } from '../../../expectations.js';

/** Lets another replica store a version first a number of times. */
class ContendedStats extends InMemoryDailyActiveStats {
  attempts = 0;

  constructor(private readonly rivals: number) {
    super();
  }

  override async upsert(stats: DailyActiveStats, marks: PendingMarks): Promise<void> {
    if (this.attempts++ < this.rivals) {
      const count = activeCount(100 + this.attempts);
      const rival = (await this.findByDate(stats.day)) ?? DailyActiveStats.create(stats.day, count, NOW);
      rival.recalculate(count, NOW);
      await super.upsert(rival, []);
    }
    await super.upsert(stats, marks);
  }
}

let clock: FixedClock;
let actives: InMemoryDailyActives;
let bits: InMemoryActiveBits;
let stats: InMemoryDailyActiveStats;

beforeEach(() => {
  clock = new FixedClock();
  actives = new InMemoryDailyActives();
  bits = new InMemoryActiveBits(actives);
  stats = new InMemoryDailyActiveStats();
});

function calculate(unlessCalculatedSince?: Date): Promise<CalculateDauResult> {
  const handler = new CalculateDauHandler(clock, actives, bits, stats, new DauCalculationService());
  return handler.execute(new CalculateDauCommand(YESTERDAY, unlessCalculatedSince));
}

describe('CalculateDauHandler', () => {
  it('stores the first calculation as version 1', async () => {
    actives.add(YESTERDAY, 'u:1', { province: '广东', city: '深圳' }).add(YESTERDAY, 'i:1');
    expect(await calculate()).toEqual({ day: YESTERDAY, dauCount: 2, version: 1, calculated: true });
    expect(await stats.findByDate(YESTERDAY)).toMatchObject({
      dauCount: 2,
      dauByProvince: new Map([['广东', 1]]),
      dauByCity: new Map([['深圳', 1]]),
      calculatedAt: NOW,
      version: 1,
    });
  });

  it('trap 2: counts an identity in two cities once in total and once in each city', async () => {
    actives.add(YESTERDAY, 'u:1', { province: '广东', city: '深圳' });
    actives.add(YESTERDAY, 'u:1', { province: '广东', city: '广州' });
    expect(await calculate()).toMatchObject({ dauCount: 1 });
    const stored = await stats.findByDate(YESTERDAY);
    expect(Object.fromEntries(stored?.dauByProvince ?? [])).toEqual({ 广东: 1 });
    expect(Object.fromEntries(stored?.dauByCity ?? [])).toEqual({ 深圳: 1, 广州: 1 });
  });

  it('raises the version with each calculation that changes a figure', async () => {
    actives.add(YESTERDAY, 'u:1');
    await calculate();
    actives.add(YESTERDAY, 'u:2');
    expect(await calculate()).toEqual({ day: YESTERDAY, dauCount: 2, version: 2, calculated: true });
  });

  it('trap 6: stores the event of each calculation with its stats', async () => {
    actives.add(YESTERDAY, 'u:1');
    await calculate();
    actives.add(YESTERDAY, 'u:2');
    await calculate();
    expect(stats.outbox).toEqual([
      new DauCalculatedEvent(YESTERDAY, 1, 1, NOW),
      new DauCalculatedEvent(YESTERDAY, 2, 2, NOW),
    ]);
  });

  it('raises no version and publishes nothing when nothing has changed, but stores its time and settles marks', async () => {
    actives.add(YESTERDAY, 'u:1', { province: '广东' });
    await calculate();
    clock.advance(MINUTE_MS);
    const mark = actives.mark(YESTERDAY);
    expect(await calculate()).toEqual({ day: YESTERDAY, dauCount: 1, version: 1, calculated: true });
    expect(stats.outbox).toHaveLength(1);
    expect(stats.settled).toEqual([mark]);
    expect((await stats.findByDate(YESTERDAY))?.calculatedAt).toEqual(later(NOW, MINUTE_MS));
  });

  it('settles the marks that its count returned', async () => {
    const mark = actives.add(YESTERDAY, 'u:1').mark(YESTERDAY);
    actives.mark('2025-01-13');
    await calculate();
    expect(stats.settled).toEqual([mark]);
  });

  it('stores and publishes nothing for a day without actives', async () => {
    expect(await calculate()).toEqual({ day: YESTERDAY, dauCount: 0, version: 0, calculated: true });
    expect(await stats.findByDate(YESTERDAY)).toBeNull();
    expect(stats.outbox).toEqual([]);
  });

  it('takes the union of bits and import for a day whose active set was dropped', async () => {
    stats = new InMemoryDailyActiveStats(storedStats({ dauCount: 1, version: 3 }));
    const mark = actives.add(YESTERDAY, 'u:1').add(YESTERDAY, 'u:2').mark(YESTERDAY);
    actives.dropped.add(YESTERDAY);
    expect(await calculate()).toEqual({ day: YESTERDAY, dauCount: 2, version: 4, calculated: true });
    expect(stats.settled).toEqual([mark]);
  });

  it('lowers no figure of a dropped day, not even that of one place', async () => {
    const dauByProvince = new Map([['广东', 2]]);
    stats = new InMemoryDailyActiveStats(storedStats({ dauCount: 2, dauByProvince, version: 3 }));
    for (const user of ['u:1', 'u:2', 'u:3']) actives.add(YESTERDAY, user, { province: '浙江' });
    actives.dropped.add(YESTERDAY);
    expect(await calculate()).toMatchObject({ dauCount: 2, version: 3, kept: true });
  });

  it('keeps the stored figures of a dropped day that its bits do not hold, and settles its marks', async () => {
    stats = new InMemoryDailyActiveStats(storedStats({ dauCount: 100, version: 3 }));
    const mark = actives.add(YESTERDAY, 'u:1').mark(YESTERDAY);
    actives.dropped.add(YESTERDAY);
    expect(await calculate()).toEqual({
      day: YESTERDAY,
      dauCount: 100,
      version: 3,
      calculated: false,
      kept: true,
    });
    expect(await stats.findByDate(YESTERDAY)).toMatchObject({ dauCount: 100, version: 3 });
    expect([stats.outbox, stats.settled]).toEqual([[], [mark]]);
  });

  it('reads the clock after it waited for other builds, however long that took', async () => {
    bits.waitForOthers = () => clock.advance(20 * MINUTE_MS);
    actives.add(YESTERDAY, 'u:1');
    await calculate();
    expect((await stats.findByDate(YESTERDAY))?.calculatedAt).toEqual(later(NOW, 20 * MINUTE_MS));
  });

  it('reads the clock before it counts', async () => {
    actives.count = async (day) => {
      clock.advance(10 * MINUTE_MS);
      return InMemoryDailyActives.prototype.count.call(actives, day);
    };
    actives.add(YESTERDAY, 'u:1');
    await calculate();
    expect((await stats.findByDate(YESTERDAY))?.calculatedAt).toEqual(NOW);
  });

  describe('trap 9: a calculation with a time to skip from', () => {
    beforeEach(() => {
      actives.add(YESTERDAY, 'u:1').add(YESTERDAY, 'u:2');
      stats = new InMemoryDailyActiveStats(storedStats({ dauCount: 1, version: 3, calculatedAt: NOW }));
    });

    it.each([
      ['then', NOW],
      ['later', earlier(NOW, 1)],
    ])('does nothing when the day was calculated %s', async (_, since) => {
      expect(await calculate(since)).toEqual({ day: YESTERDAY, dauCount: 1, version: 3, calculated: false });
      expect(stats.outbox).toEqual([]);
    });

    it('calculates when the last calculation is older', async () => {
      expect(await calculate(later(NOW, 1))).toMatchObject({ dauCount: 2, version: 4, calculated: true });
    });

    it('calculates when the day was never calculated', async () => {
      stats = new InMemoryDailyActiveStats();
      expect(await calculate(earlier(NOW, 1))).toMatchObject({ dauCount: 2, version: 1, calculated: true });
    });

    it('calculates always without that time', async () => {
      expect(await calculate()).toMatchObject({ dauCount: 2, version: 4 });
    });
  });

  describe('trap 9: a version conflict with another replica', () => {
    it.each([1, 2])('is retried on top of the stored version, up to twice: %i', async (rivals) => {
      stats = new ContendedStats(rivals);
      actives.add(YESTERDAY, 'u:1');
      expect(await calculate()).toMatchObject({ dauCount: 1, version: rivals + 1 });
      expect((await stats.findByDate(YESTERDAY))?.dauCount).toBe(1);
    });

    it('fails after three attempts', async () => {
      const contended = new ContendedStats(Infinity);
      stats = contended;
      actives.add(YESTERDAY, 'u:1');
      await expect(calculate()).rejects.toEqual(applicationError('dau_version_conflict', 'conflict'));
      expect(contended.attempts).toBe(3);
    });

    it('is retried with a new count', async () => {
      stats = new ContendedStats(1);
      let counts = 0;
      actives.count = (day) => {
        actives.add(YESTERDAY, `u:${++counts}`);
        return InMemoryDailyActives.prototype.count.call(actives, day);
      };
      expect(await calculate()).toMatchObject({ dauCount: 2 });
    });
  });

  it('is the only failure that is retried', async () => {
    let counts = 0;
    actives.count = () => {
      counts++;
      return Promise.reject(new Error('away'));
    };
    await expect(calculate()).rejects.toThrow('away');
    expect(counts).toBe(1);
  });
});
