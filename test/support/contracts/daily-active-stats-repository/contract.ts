import { describe, expect, it } from '@jest/globals';

import { DailyActiveStats } from '../../../../src/domain/aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import type { IDailyActiveStatsRepository } from '../../../../src/domain/repositories/daily-active-stats.repository.interface.js';
import { PlaceFilter } from '../../../../src/domain/value-objects/place-filter.vo.js';
import { placeNames } from '../../../../src/domain/value-objects/place-names.vo.js';
import { activeCount } from '../../builders.js';
import { rejectionOf } from '../../failures.js';
import { useHarness, type RepositoryHarness } from '../use-harness.js';

/** Returns 01:00 in Shanghai, the hour at which the day before is final. */
const finalHour = (day: string) => new Date(`${day}T01:00:00+08:00`);

/** Describes what every {@link IDailyActiveStatsRepository} does. */
export function describeDailyActiveStatsRepository(
  adapter: string,
  start: () => Promise<RepositoryHarness<IDailyActiveStatsRepository>>,
): void {
  describe(`IDailyActiveStatsRepository: ${adapter}`, () => {
    let replica: IDailyActiveStatsRepository;
    let other: IDailyActiveStatsRepository;

    useHarness(start, (...opened) => {
      [replica, other] = opened;
    });

    it('returns stats as they were stored, without uncommitted events', async () => {
      const count = activeCount(120, { 广东: 70, 北京: 60 }, { 深圳: 40 });
      const at = new Date('2025-06-16T01:00:00.123+08:00');
      await replica.upsert(DailyActiveStats.create('2025-06-15', count, at), []);
      const stored = await other.findByDate('2025-06-15');
      expect(stored).toMatchObject({ day: '2025-06-15', dauCount: 120, calculatedAt: at, version: 1 });
      expect(stored?.dauByProvince).toEqual(count.byProvince);
      expect(stored?.dauByCity).toEqual(count.byCity);
      expect(stored?.getUncommittedEvents()).toEqual([]);
    });

    it('stores places of any name', async () => {
      const names = [
        ...[
          '__proto__',
          'constructor',
          'toString',
          'hasOwnProperty',
          '0',
          '-1',
          'null',
          ' ',
          '"',
          "'",
          '\\',
          '\\u0000',
        ],
        ...['{"a":1}', '$1', '省😀', 'x'.repeat(128), '\u2028'],
      ];
      const places = names.map((name, i): [string, number] => [name, i + 1]);
      await replica.upsert(
        DailyActiveStats.create(
          '2025-06-15',
          { total: 100, byProvince: new Map(places), byCity: new Map([...places].reverse()) },
          new Date(),
        ),
        [],
      );
      const stats = await replica.findByDate('2025-06-15');
      expect(stats?.dauByProvince).toEqual(new Map(places));
      expect(stats?.dauByCity).toEqual(new Map(places));
      const [stored] = await other.findByDateRange('2025-06-15', '2025-06-15');
      expect(new Map(Object.entries(stored?.byProvince.toJSON() ?? {}))).toEqual(new Map(places));
      expect(new Map(Object.entries(stored?.byCity.toJSON() ?? {}))).toEqual(new Map(places));
    });

    it('returns null for a day that was never calculated', async () => {
      expect(await replica.findByDate('2025-06-15')).toBeNull();
    });

    it('returns a range in order, with its first and its last day', async () => {
      for (const day of ['2025-06-16', '2025-06-14', '2025-06-13', '2025-06-17', '2025-05-31']) {
        await replica.upsert(DailyActiveStats.create(day, activeCount(1), finalHour(day)), []);
      }
      const daysOf = async (first: string, last: string) =>
        (await replica.findByDateRange(first, last)).map(({ day }) => day);
      expect(await daysOf('2025-06-13', '2025-06-16')).toEqual(['2025-06-13', '2025-06-14', '2025-06-16']);
      expect(await daysOf('2025-06-15', '2025-06-15')).toEqual([]);
      expect(await daysOf('2025-06-17', '2025-06-13')).toEqual([]);
    });

    it('returns the figure of one place alone, 0 where nobody was', async () => {
      const names = placeNames('as-sent');
      const places = activeCount(9, { 广东: 7, 北京: 1 }, { 深圳: 4 });
      await replica.upsert(DailyActiveStats.create('2025-06-15', places, finalHour('2025-06-16')), []);
      await replica.upsert(
        DailyActiveStats.create('2025-06-16', activeCount(2), finalHour('2025-06-17')),
        [],
      );
      const countsOf = async (filter: { province?: string; city?: string }) =>
        (await other.findByDateRange('2025-06-15', '2025-06-16', PlaceFilter.of(filter, names))).map(
          ({ dauCount, byProvince, byCity, version }) => ({
            dauCount,
            version,
            places: [byProvince.toJSON(), byCity.toJSON()],
          }),
        );
      const nowhere = { dauCount: 0, version: 1, places: [{}, {}] };
      expect(await countsOf({ province: '广东' })).toEqual([
        { dauCount: 7, version: 1, places: [{ 广东: 7 }, {}] },
        nowhere,
      ]);
      expect(await countsOf({ city: '深圳' })).toEqual([
        { dauCount: 4, version: 1, places: [{}, { 深圳: 4 }] },
        nowhere,
      ]);
      for (const nothing of [{ city: '广东' }, { province: '深圳' }, { province: "') OR 1=1 --" }])
        expect(await countsOf(nothing)).toEqual([nowhere, nowhere]);
    });

    it('rejects a version that another replica stored first and keeps its uncommitted events', async () => {
      const at = finalHour('2025-06-16');
      await replica.upsert(DailyActiveStats.create('2025-06-15', activeCount(10), at), []);
      const [first, second] = [await replica.findByDate('2025-06-15'), await other.findByDate('2025-06-15')];
      first!.recalculate(activeCount(11), at);
      second!.recalculate(activeCount(12), at);
      await replica.upsert(first!, []);
      expect(first!.getUncommittedEvents()).toEqual([]);
      expect(await rejectionOf(other.upsert(second!, []))).toMatchObject({
        code: 'dau_version_conflict',
        kind: 'conflict',
      });
      expect(second!.getUncommittedEvents()).toHaveLength(1);
      expect(await replica.findByDate('2025-06-15')).toMatchObject({ dauCount: 11, version: 2 });
    });
  });
}
