import { beforeEach, describe, expect, it } from '@jest/globals';
import { GetDauStatsHandler } from '../../../../../src/application/queries/get-dau-stats/get-dau-stats.handler.js';
import {
  GetDauStatsQuery,
  type DauStatsResult,
} from '../../../../../src/application/queries/get-dau-stats/get-dau-stats.query.js';
import { LiveActives } from '../../../../../src/application/services/live-actives.service.js';
import { ApplicationException } from '../../../../../src/shared/exceptions/application.exception.js';
import { addDaysToKey } from '../../../../../src/shared/utils/timezone.util.js';
import { PlaceCounts } from '../../../../../src/domain/value-objects/place-counts.vo.js';
import { TODAY, YESTERDAY, storedStats } from '../../../../support/builders.js';
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
): Promise<DauStatsResult> {
  const clock = new FixedClock();
  const handler = new GetDauStatsHandler(clock, stats, new LiveActives(clock, actives));
  return handler.execute(new GetDauStatsQuery(startDate, endDate));
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
      `[{"day":"${YESTERDAY}","dauCount":3,"byProvince":{"广东":2},"byCity":{"深圳":1,"__proto__":1}}]`,
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
