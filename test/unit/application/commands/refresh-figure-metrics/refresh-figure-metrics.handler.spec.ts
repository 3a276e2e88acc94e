import { beforeEach, describe, expect, it } from '@jest/globals';
import type { QueryBus } from '@nestjs/cqrs';

import { RefreshFigureMetricsHandler } from '../../../../../src/application/commands/refresh-figure-metrics/refresh-figure-metrics.handler.js';
import { GetDailyOnlineQuery } from '../../../../../src/application/queries/get-daily-online/get-daily-online.query.js';
import { GetDauStatsQuery } from '../../../../../src/application/queries/get-dau-stats/get-dau-stats.query.js';
import { GetLifecycleQuery } from '../../../../../src/application/queries/get-lifecycle/get-lifecycle.query.js';
import { GetRetentionQuery } from '../../../../../src/application/queries/get-retention/get-retention.query.js';
import { GetRollingActiveUsersQuery } from '../../../../../src/application/queries/get-rolling-active-users/get-rolling-active-users.query.js';
import { FigureReadings } from '../../../../../src/application/services/figure-readings.service.js';
import { PlaceCounts } from '../../../../../src/domain/value-objects/place-counts.vo.js';
import { PROVINCE_NAMES } from '../../../../../src/domain/value-objects/province-names.js';
import { ApplicationException } from '../../../../../src/shared/exceptions/application.exception.js';
import { TOP_CITIES } from '../../../../../src/shared/metrics/figure-metrics.js';
import { metricsRegistry } from '../../../../../src/shared/metrics/metrics.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';
import { InMemoryJobLock } from '../../../../support/contracts/job-lock/fake.js';
import { waitFor } from '../../../../support/processes.js';

const [YESTERDAY, TODAY] = ['2025-01-14', '2025-01-15'];
const BUILT_AT = new Date('2025-01-15T09:00:00+08:00');
const STATE = { finalThrough: YESTERDAY, calculatedAt: BUILT_AT };

/** Answers of the queries; a function may throw. */
let answers: Map<unknown, (query: never) => unknown>;
let asked: object[];
let clock: FixedClock;
let lock: InMemoryJobLock;
let isYesterdayFinal: boolean;
let handler: RefreshFigureMetricsHandler;

/** More cities than are exported; the last ones have the most users. */
const CITIES = Array.from({ length: TOP_CITIES + 5 }, (_, index) => `city ${index}`);
const places = (counts: Record<string, number>) => PlaceCounts.fromMap(new Map(Object.entries(counts)));

const CROWD = places(Object.fromEntries(CITIES.map((city, index) => [city, index + 1])));

beforeEach(() => {
  isYesterdayFinal = false;
  answers = new Map<unknown, (query: never) => unknown>([
    [
      GetRollingActiveUsersQuery,
      ({ window }: GetRollingActiveUsersQuery) => ({
        data: [
          { day: YESTERDAY, activeCount: 10 * window, ...(window === 30 && { stickiness: 0.25 }) },
          { day: TODAY, activeCount: 10 * window + 1, ...(window === 30 && { stickiness: 0.1 }) },
        ],
        ...STATE,
      }),
    ],
    [
      GetLifecycleQuery,
      () => ({
        data: [
          { day: YESTERDAY, newCount: 3, returningCount: 9, resurrectedCount: 2, dormantCount: 4 },
          { day: TODAY, newCount: 1, returningCount: 5, resurrectedCount: 0, dormantCount: 7 },
        ],
        ...STATE,
      }),
    ],
    [
      GetRetentionQuery,
      ({ startDate, cohort, after }: GetRetentionQuery) => ({
        // The new users of the cohort of 30 days are none.
        data: [
          {
            day: startDate,
            cohortSize: cohort === 'new' && after[0] === 30 ? 0 : 8,
            retained: [{ after: after[0], count: 4, rate: cohort === 'new' && after[0] === 30 ? 0 : 0.5 }],
          },
        ],
        ...STATE,
      }),
    ],
    [
      GetDauStatsQuery,
      () => ({
        data: [
          {
            day: '2025-01-13',
            dauCount: 20,
            isFinal: true,
            byProvince: places({ 广东省: 20 }),
            byCity: CROWD,
          },
          {
            ...{ day: YESTERDAY, dauCount: 12, isFinal: isYesterdayFinal },
            byProvince: places({ 广东省: 7, 浙江省: 3, Atlantis: 2, Lemuria: 1 }),
            byCity: CROWD,
          },
          {
            ...{ day: TODAY, dauCount: 4, isFinal: false },
            ...{ byProvince: places({ 广东省: 4 }), byCity: places({ 深圳市: 3, 广州市: 1 }) },
          },
        ],
      }),
    ],
    [
      GetDailyOnlineQuery,
      () => ({
        data: [
          { day: YESTERDAY, peak: { onlineCount: 21 }, average: 11.5, missedMinutes: 2 },
          { day: TODAY, peak: { onlineCount: 17 }, average: 9, missedMinutes: 0 },
        ],
        record: { onlineCount: 99 },
      }),
    ],
  ]);
  asked = [];
  clock = new FixedClock('2025-01-15T10:00:30+08:00');
  lock = new InMemoryJobLock();
  const execute = async (query: object): Promise<unknown> => {
    asked.push(query);
    return answers.get(query.constructor)?.(query as never);
  };
  handler = new RefreshFigureMetricsHandler(
    lock,
    new FigureReadings(clock, { execute } as unknown as QueryBus),
  );
});

/** Returns the series of the figures with their values, without `analytics_`. */
async function series(prefix: string): Promise<Record<string, string>> {
  const lines = (await metricsRegistry.metrics()).split('\n');
  return Object.fromEntries(
    lines
      .filter((line) => line.startsWith(`analytics_${prefix}`))
      .map((line) => line.slice('analytics_'.length).split(/ (?=\S+$)/) as [string, string]),
  );
}

describe('RefreshFigureMetricsHandler', () => {
  it('exports what the queries of the API answer for today and yesterday', async () => {
    await handler.execute();
    expect(await series('rolling')).toEqual({
      'rolling_active_users{window="7",day="yesterday"}': '70',
      'rolling_active_users{window="7",day="today"}': '71',
      'rolling_active_users{window="30",day="yesterday"}': '300',
      'rolling_active_users{window="30",day="today"}': '301',
    });
    expect(await series('stickiness')).toEqual({
      'stickiness_ratio{day="yesterday"}': '0.25',
      'stickiness_ratio{day="today"}': '0.1',
    });
    expect(await series('lifecycle')).toMatchObject({
      'lifecycle_users{kind="new",day="yesterday"}': '3',
      'lifecycle_users{kind="returning",day="today"}': '5',
      'lifecycle_users{kind="resurrected",day="today"}': '0',
      'lifecycle_users{kind="dormant",day="yesterday"}': '4',
    });
    expect(await series('online_')).toMatchObject({
      'online_peak_users{day="yesterday"}': '21',
      'online_average_users{day="today"}': '9',
      'online_missed_minutes{day="yesterday"}': '2',
      online_record_users: '99',
    });
    expect(await series('actives_built')).toEqual({
      actives_built_timestamp_seconds: String(BUILT_AT.getTime() / 1000),
    });
  });

  it('exports the missed minutes of a day without a snapshot, which has no peak and no mean', async () => {
    answers.set(GetDailyOnlineQuery, () => ({
      data: [{ day: YESTERDAY, peak: null, average: null, missedMinutes: 1440 }],
      record: { onlineCount: 99 },
    }));
    await handler.execute();
    expect(await series('online_')).toMatchObject({ 'online_missed_minutes{day="yesterday"}': '1440' });
  });

  it('asks retention of the last cohort whose day after is over, and says NaN for an empty cohort', async () => {
    await handler.execute();
    const cohorts = asked.filter((query) => query instanceof GetRetentionQuery);
    expect(cohorts.map(({ startDate, endDate, after }) => [startDate, endDate, ...after])).toEqual(
      [0, 1].flatMap(() => [
        ['2025-01-13', '2025-01-13', 1],
        ['2025-01-07', '2025-01-07', 7],
        ['2024-12-15', '2024-12-15', 30],
      ]),
    );
    expect(await series('retention_ratio')).toEqual({
      'retention_ratio{cohort="new",after="1"}': '0.5',
      'retention_ratio{cohort="new",after="7"}': '0.5',
      'retention_ratio{cohort="new",after="30"}': 'Nan',
      'retention_ratio{cohort="active",after="1"}': '0.5',
      'retention_ratio{cohort="active",after="7"}': '0.5',
      'retention_ratio{cohort="active",after="30"}': '0.5',
    });
  });

  it('has a series for each of the 34 provinces and one for all other places, whatever clients send', async () => {
    await handler.execute();
    const provinces = await series('province');
    expect(Object.keys(provinces)).toHaveLength(2 * (PROVINCE_NAMES.length + 1));
    expect(provinces).toMatchObject({
      'province_active_users{province="广东省",day="yesterday"}': '7',
      'province_active_users{province="广东省",day="today"}': '4',
      'province_active_users{province="西藏自治区",day="yesterday"}': '0',
      'province_active_users{province="other",day="yesterday"}': '3',
      'province_active_users{province="other",day="today"}': '0',
    });
  });

  it('has the largest cities of each day and no more, and forgets those that are not among them any more', async () => {
    await handler.execute();
    const cities = await series('city_active_users');
    expect(Object.keys(cities)).toHaveLength(TOP_CITIES + 2);
    expect(cities).toMatchObject({
      'city_active_users{city="深圳市",day="today"}': '3',
      [`city_active_users{city="${CITIES.at(-1)}",day="yesterday"}`]: String(CITIES.length),
    });
    expect(cities[`city_active_users{city="${CITIES[0]}",day="yesterday"}`]).toBeUndefined();

    clock.set('2025-01-16T10:00:30+08:00');
    answers.set(GetDauStatsQuery, () => ({
      data: [
        {
          day: '2025-01-16',
          dauCount: 1,
          isFinal: false,
          byProvince: places({}),
          byCity: places({ 长沙市: 1 }),
        },
      ],
    }));
    await handler.execute();
    expect(await series('city_active_users')).toEqual({
      'city_active_users{city="长沙市",day="today"}': '1',
    });
  });

  it('has the active users of each day by its date, and moves a day from provisional to final', async () => {
    await handler.execute();
    expect(await series('dau_by_day')).toEqual({
      'dau_by_day{date="2025-01-13",state="final"}': '20',
      'dau_by_day{date="2025-01-14",state="provisional"}': '12',
      'dau_by_day{date="2025-01-15",state="provisional"}': '4',
    });
    expect(asked.find((query) => query instanceof GetDauStatsQuery)).toMatchObject({
      ...{ startDate: '2024-12-17', endDate: TODAY },
    });
    isYesterdayFinal = true;
    await handler.execute();
    expect(Object.keys(await series('dau_by_day')).sort()).toEqual([
      'dau_by_day{date="2025-01-13",state="final"}',
      'dau_by_day{date="2025-01-14",state="final"}',
      'dau_by_day{date="2025-01-15",state="provisional"}',
    ]);
  });

  it('ends the figures at midnight, when today and yesterday are other days', async () => {
    clock.set('2025-01-15T23:59:59.999+08:00');
    await handler.execute();
    await waitFor(async () => {
      const values = await Promise.all(['rolling', 'lifecycle', 'retention_ratio', 'province'].map(series));
      return values.flatMap(Object.values).every((value) => value === 'Nan');
    }, 5_000);
    // Their labels come from data, so their series end.
    expect([await series('city_active_users'), await series('dau_by_day')]).toEqual([{}, {}]);
    expect(await series('online_record')).toEqual({ online_record_users: '99' });
  });

  it('goes on after a figure that cannot be counted, and fails in the end', async () => {
    answers.set(GetLifecycleQuery, () => {
      throw new ApplicationException('database_too_slow');
    });
    await expect(handler.execute()).rejects.toThrow(AggregateError);
    expect(asked.at(-1)).toBeInstanceOf(GetDailyOnlineQuery);
  });

  it('asks no further while the database is unavailable', async () => {
    answers.set(GetRollingActiveUsersQuery, () => {
      throw new ApplicationException('database_unavailable');
    });
    await expect(handler.execute()).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(asked).toHaveLength(1);
  });

  it('asks nothing while another replica counts', async () => {
    lock.heldElsewhere.add('figure-metrics');
    await handler.execute();
    expect(asked).toEqual([]);
  });
});
