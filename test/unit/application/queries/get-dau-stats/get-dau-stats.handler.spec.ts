import { beforeEach, describe, expect, it } from '@jest/globals';
import { GetDauStatsHandler } from '../../../../../src/application/queries/get-dau-stats/get-dau-stats.handler.js';
import {
  GetDauStatsQuery,
  type DauStatsOptions,
  type DauStatsResult,
} from '../../../../../src/application/queries/get-dau-stats/get-dau-stats.query.js';
import { LiveActives } from '../../../../../src/application/services/live-actives.service.js';
import { ApplicationException } from '../../../../../src/shared/exceptions/application.exception.js';
import { addDaysToKey } from '../../../../../src/shared/utils/timezone.util.js';
import { PlaceCounts } from '../../../../../src/domain/value-objects/place-counts.vo.js';
import { earlier, NOW, TODAY, YESTERDAY, storedStats } from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';
import { InMemoryDailyActiveStats } from '../../../../support/contracts/daily-active-stats-repository/fake.js';
import { InMemoryDailyActives } from '../../../../support/contracts/daily-actives-repository/fake.js';
import { applicationError } from '../../../expectations.js';

const TOMORROW = addDaysToKey(TODAY, 1);
const INVALID = applicationError('date_range_invalid');

let actives: InMemoryDailyActives;

beforeEach(() => {
  actives = new InMemoryDailyActives();
});

function ask(
  startDate: string,
  endDate: string,
  stats = new InMemoryDailyActiveStats(),
  options: DauStatsOptions = {},
): Promise<DauStatsResult> {
  const clock = new FixedClock();
  const handler = new GetDauStatsHandler(clock, stats, new LiveActives(clock, actives), 'canonical');
  return handler.execute(new GetDauStatsQuery(startDate, endDate, options));
}

describe('GetDauStatsHandler', () => {
  it('returns past days as stored, in order, with both ends', async () => {
    const stats = new InMemoryDailyActiveStats(
      storedStats({ day: '2025-01-12', dauCount: 12 }),
      storedStats({ day: '2025-01-10', dauCount: 10 }),
      storedStats({ day: '2025-01-13', dauCount: 13 }),
      storedStats({ day: '2025-01-09', dauCount: 9 }),
    );
    const { data, total } = await ask('2025-01-10', '2025-01-12', stats);
    expect(data.map(({ day, dauCount }) => [day, dauCount])).toEqual([
      ['2025-01-10', 10],
      ['2025-01-12', 12],
    ]);
    expect(total).toBe(2);
  });

  it('returns places as JSON objects, also one called __proto__', async () => {
    const stats = new InMemoryDailyActiveStats(
      storedStats({
        dauByProvince: new Map([['广东', 2]]),
        dauByCity: new Map([
          ['深圳', 1],
          ['__proto__', 1],
        ]),
      }),
    );
    const { data } = await ask(YESTERDAY, YESTERDAY, stats);
    expect(JSON.stringify(data)).toBe(
      `[{"day":"${YESTERDAY}","calculatedAt":"${NOW.toISOString()}","version":1,"dauCount":3,` +
        `"byProvince":{"广东":2},"byCity":{"深圳":1,"__proto__":1},"isFinal":true}]`,
    );
  });

  it('returns an empty list for days without actives', async () => {
    expect(await ask('2025-01-01', TODAY)).toEqual({ data: [], total: 0 });
  });

  describe('today', () => {
    it('is counted live although it was calculated within the last hour', async () => {
      actives.add(TODAY, 'u:1', { province: '广东' }).add(TODAY, 'u:2');
      const stats = new InMemoryDailyActiveStats(storedStats({ day: TODAY, dauCount: 1 }));
      expect(await ask(TODAY, TODAY, stats)).toEqual({
        data: [
          {
            day: TODAY,
            dauCount: 2,
            byProvince: PlaceCounts.fromMap(new Map([['广东', 1]])),
            byCity: PlaceCounts.fromMap(new Map()),
            isFinal: false,
            version: 1,
            calculatedAt: NOW,
          },
        ],
        total: 1,
      });
    });

    it('keeps its place in the order when a device ahead of time has created tomorrow', async () => {
      actives.add(TODAY, 'u:1');
      const stats = new InMemoryDailyActiveStats(
        storedStats({ day: TOMORROW }),
        storedStats({ day: YESTERDAY }),
      );
      const { data, total } = await ask(YESTERDAY, TOMORROW, stats);
      expect(data.map(({ day }) => day)).toEqual([YESTERDAY, TODAY, TOMORROW]);
      expect(total).toBe(3);
    });

    it.each([
      ['2025-01-13', '2025-01-13'],
      [TOMORROW, TOMORROW],
    ])('is not counted for the range %s to %s', async (startDate, endDate) => {
      actives.failure = new Error('must not be asked');
      expect(await ask(startDate, endDate)).toMatchObject({ total: 0 });
    });

    it('is returned as stored when the live count exceeds the request’s time limit', async () => {
      actives.failure = new ApplicationException('database_too_slow', { detail: 'x' });
      const stats = new InMemoryDailyActiveStats(
        storedStats({ day: YESTERDAY, dauCount: 5 }),
        storedStats({ day: TODAY, dauCount: 4 }),
      );
      const { data } = await ask(YESTERDAY, TODAY, stats);
      expect(data.map(({ day, dauCount }) => [day, dauCount])).toEqual([
        [YESTERDAY, 5],
        [TODAY, 4],
      ]);
    });
  });

  describe('yesterday', () => {
    const provisional = new Date(`${YESTERDAY}T23:00:00+08:00`);
    const atFinalHour = new Date(`${TODAY}T01:00:00+08:00`);

    it('is counted live until it was calculated at 01:00 or later', async () => {
      for (const user of ['u:1', 'u:2', 'u:3']) actives.add(YESTERDAY, user);
      const stats = new InMemoryDailyActiveStats(
        storedStats({ day: YESTERDAY, dauCount: 2, calculatedAt: provisional }),
      );
      expect(await ask(YESTERDAY, YESTERDAY, stats)).toMatchObject({ data: [{ dauCount: 3 }] });
    });

    it('is returned as stored after that', async () => {
      actives.failure = new Error('must not be asked');
      const stats = new InMemoryDailyActiveStats(
        storedStats({ day: YESTERDAY, dauCount: 2, calculatedAt: atFinalHour }),
      );
      expect(await ask(YESTERDAY, YESTERDAY, stats)).toMatchObject({ data: [{ dauCount: 2 }] });
    });
  });

  describe('a day without actives', () => {
    const stats = new InMemoryDailyActiveStats(storedStats({ day: '2025-01-12', dauCount: 12 }));

    it('is 0 when zero days are asked for, up to today, and final once its day is over', async () => {
      const { data, total } = await ask('2025-01-11', '2025-01-20', stats, { zeroDays: true });
      expect(data.map(({ day, dauCount, isFinal, version }) => [day, dauCount, isFinal, version])).toEqual([
        ['2025-01-11', 0, true, 0],
        ['2025-01-12', 12, true, 1],
        ['2025-01-13', 0, true, 0],
        [YESTERDAY, 0, true, 0],
        [TODAY, 0, false, 0],
      ]);
      expect(total).toBe(5);
      expect(data[0]).toMatchObject({ calculatedAt: null });
    });

    it('is not final while it waits for its first calculation', async () => {
      const waiting = new InMemoryDailyActiveStats();
      waiting.pending = ['2025-01-11', TODAY];
      const { data } = await ask('2025-01-11', '2025-01-12', waiting, { zeroDays: true });
      expect(data.map(({ day, dauCount, isFinal }) => [day, dauCount, isFinal])).toEqual([
        ['2025-01-11', 0, false],
        ['2025-01-12', 0, true],
      ]);
    });

    it('is not final when the marks cannot be read in time, and a failure of another kind is none of its own', async () => {
      const waiting = new InMemoryDailyActiveStats();
      let failure = new ApplicationException('database_too_slow');
      waiting.findPendingDays = () => Promise.reject(failure);
      const { data } = await ask('2025-01-11', '2025-01-12', waiting, { zeroDays: true });
      expect(data.map(({ isFinal }) => isFinal)).toEqual([false, false]);
      failure = new ApplicationException('database_unavailable');
      await expect(ask('2025-01-11', '2025-01-12', waiting, { zeroDays: true })).rejects.toBe(failure);
    });

    it.each([
      ['2025-01-13', '2025-01-20', [['2025-01-13', YESTERDAY]]],
      ['2025-01-11', '2025-01-12', [['2025-01-11', '2025-01-12']]],
      [TODAY, '2025-01-20', []],
    ])('asks from %s to %s for no marks of today, which is never final', async (first, last, expected) => {
      const waiting = new InMemoryDailyActiveStats();
      const asked: string[][] = [];
      waiting.findPendingDays = (...range) => {
        asked.push(range);
        return Promise.resolve([]);
      };
      await ask(first, last, waiting, { zeroDays: true });
      expect(asked).toEqual(expected);
    });

    it('is never final and empty when it is calculated while the request reads', async () => {
      const waiting = new InMemoryDailyActiveStats();
      waiting.pending = ['2025-01-11'];
      const findByDateRange = waiting.findByDateRange.bind(waiting);
      waiting.findByDateRange = async (...range) => {
        const found = await findByDateRange(...range);
        waiting.pending = [];
        return found;
      };
      const { data } = await ask('2025-01-11', '2025-01-11', waiting, { zeroDays: true });
      expect(data.map(({ isFinal }) => isFinal)).toEqual([false]);
    });

    it('is never among the days that changed', async () => {
      const { data } = await ask('2025-01-11', '2025-01-20', stats, {
        zeroDays: true,
        changedSince: new Date(0),
      });
      expect(data.map(({ day }) => day)).toEqual(['2025-01-12']);
    });
  });

  describe('the days that changed since an instant', () => {
    const at = new Date('2025-01-14T16:59:59.500Z');
    const stats = new InMemoryDailyActiveStats(
      storedStats({ day: '2025-01-11', calculatedAt: earlier(at, 1) }),
      storedStats({ day: '2025-01-12', calculatedAt: at }),
    );

    it('are those that were calculated later, to the millisecond', async () => {
      const { data, total } = await ask('2025-01-11', '2025-01-12', stats, { changedSince: earlier(at, 1) });
      expect(data.map(({ day }) => day)).toEqual(['2025-01-12']);
      expect(total).toBe(1);
    });

    it('include a day that is counted at this moment', async () => {
      actives.add(TODAY, 'u:1');
      const { data } = await ask('2025-01-11', TODAY, stats, { changedSince: earlier(NOW, 1) });
      expect(data.map(({ day, version }) => [day, version])).toEqual([[TODAY, 0]]);
    });
  });

  describe('one place', () => {
    beforeEach(() => {
      actives.add(TODAY, 'u:1', { province: '广东省', city: '深圳市' });
      actives.add(TODAY, 'u:2', { province: '浙江省' });
    });
    const stats = new InMemoryDailyActiveStats(
      storedStats({ day: '2025-01-12', dauCount: 5, dauByProvince: new Map([['广东省', 4]]) }),
      storedStats({ day: '2025-01-13', dauCount: 5, dauByProvince: new Map([['浙江省', 5]]) }),
    );

    it.each(['广东省', '广东', 'guangdong', ' CN-GD '])('is counted alone, as %s', async (province) => {
      const { data } = await ask('2025-01-12', TODAY, stats, { province });
      expect(
        data.map(({ day, dauCount, byProvince, byCity }) => [day, dauCount, byProvince.json, byCity.json]),
      ).toEqual([
        ['2025-01-12', 4, '{"广东省":4}', '{}'],
        [TODAY, 1, '{"广东省":1}', '{}'],
      ]);
    });

    it('is 0 on days with nobody there when zero days are asked for, with the version of the day', async () => {
      const { data } = await ask('2025-01-12', '2025-01-13', stats, { province: '广东', zeroDays: true });
      expect(data.map(({ day, dauCount, version }) => [day, dauCount, version])).toEqual([
        ['2025-01-12', 4, 1],
        ['2025-01-13', 0, 1],
      ]);
    });

    it('has no days when nobody was ever there', async () => {
      expect(await ask('2025-01-12', TODAY, stats, { city: 'Atlantis' })).toEqual({ data: [], total: 0 });
    });

    it.each([
      ['city', { province: '广东省', city: '深圳市' }, /^city must not come with province/],
      ['province', { province: 'unknown' }, /^province must name a place, it is "unknown"/],
      ['city', { city: '' }, /^city must name a place/],
      ['city', { city: '市辖区' }, /^city must name a place.+北京市市辖区/],
    ])('is refused when the filter has a wrong %s: %j', async (field, filter, message) => {
      await expect(ask(TODAY, TODAY, stats, filter)).rejects.toMatchObject({
        code: 'request_invalid',
        field,
        message: expect.stringMatching(message),
      });
    });
  });

  describe('the range', () => {
    it.each([
      ['a single day', '2025-01-15', '2025-01-15'],
      ['366 days', '2024-01-01', '2024-12-31'],
      ['366 days of two years', '2024-06-01', '2025-06-01'],
      ['a leap day', '2024-02-29', '2024-02-29'],
    ])('may be %s', async (_, startDate, endDate) => {
      await expect(ask(startDate, endDate)).resolves.toMatchObject({ total: 0 });
    });

    it.each([
      ['367 days', '2024-01-01', '2025-01-01'],
      ['millennia', '0001-01-01', '9999-12-31'],
      ['before any event', '1969-12-31', '1970-01-01'],
      ['of the far future', '2100-12-31', '2101-01-01'],
      ['reversed', '2025-01-15', '2025-01-14'],
      ['from a day that does not exist', '2025-02-29', '2025-03-01'],
      ['to a day that does not exist', '2025-04-01', '2025-04-31'],
      ['written otherwise', '2025-1-1', '2025-1-2'],
      ['of instants', '2025-01-14T17:00:00Z', '2025-01-15T17:00:00Z'],
      ['empty', '', ''],
    ])('may not be %s', async (_, startDate, endDate) => {
      await expect(ask(startDate, endDate)).rejects.toEqual(INVALID);
    });

    it.each([
      ['startDate', '2025-02-30', '2025-03-01'],
      ['endDate', '2025-02-01', '2025-02-30'],
      ['startDate', '2025-01-15', '2025-01-14'],
      ['endDate', '2024-01-01', '2025-01-01'],
    ])('names %s as the field at fault', async (field, startDate, endDate) => {
      await expect(ask(startDate, endDate)).rejects.toMatchObject({ field });
    });
  });
});
