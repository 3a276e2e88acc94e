import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { DailyActiveStats } from '../../src/domain/aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import type { ActiveCount } from '../../src/domain/value-objects/active-count.vo.js';
import { PENDING_DAYS_SQL } from '../../src/infrastructure/persistence/repositories/daily-active-stats.repository.impl.js';
import { describeDailyActiveStatsRepository } from '../support/contracts/daily-active-stats-repository/contract.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { rejectionOf } from '../support/failures.js';
import { openReplica, type Replica } from '../support/persistence.js';
import { seed, seedMark } from '../support/seed.js';
import { openSql, type Sql } from '../support/sql.js';

let database: TestDatabase;
let owner: Sql;
let replica: Replica;
let other: Replica;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openSql(database.ownerUrl);
  replica = openReplica(database.serviceUrl);
  other = openReplica(database.serviceUrl);
});

afterEach(() =>
  owner.rows(
    'TRUNCATE analytics_daily_active_users, analytics_active_days, analytics_dau_pending, analytics_outbox',
  ),
);

afterAll(async () => {
  await Promise.all([replica.close(), other.close(), owner.close()]);
  await database.drop();
});

const figures = (
  total: number,
  byProvince: [string, number][] = [],
  byCity: [string, number][] = [],
): ActiveCount => ({
  total,
  byProvince: new Map(byProvince),
  byCity: new Map(byCity),
});

const marksOf = async (day: string) =>
  (await owner.rows<{ id: string }>('SELECT id FROM analytics_dau_pending WHERE day = $1::date', [day])).map(
    ({ id }) => BigInt(id),
  );

const addMark = (day: string) => seedMark(owner, day);

/** Returns 01:00 in Shanghai, which is 17:00 UTC of the day before. */
const oneOClock = (day: string) => new Date(`${day}T01:00:00+08:00`);

describeDailyActiveStatsRepository('PostgreSQL', async () => ({
  open: () => [replica.stats, other.stats],
  release: async () => {},
  close: async () => {},
}));

describe('stats of a day', () => {
  it.each(['2025-06-15', '2024-02-29', '2025-01-01', '2024-12-31', '2018-11-01'])(
    'are stored under their own day at every hour of calculation: %s',
    async (day) => {
      for (const calculatedAt of [new Date(`${day}T17:00:00.001Z`), new Date(`${day}T15:59:59.999Z`)]) {
        await owner.rows('TRUNCATE analytics_daily_active_users');
        await replica.stats.upsert(DailyActiveStats.create(day, figures(1), calculatedAt), []);
        expect(await owner.rows('SELECT day::text, calculated_at FROM analytics_daily_active_users')).toEqual(
          [{ day, calculated_at: calculatedAt }],
        );
        expect(await other.stats.findByDate(day)).toMatchObject({ day, calculatedAt });
      }
    },
  );

  it('add one outbox message for each version, under an id of its own', async () => {
    const at = oneOClock('2025-06-16');
    const stats = DailyActiveStats.create('2025-06-15', figures(10), at);
    await replica.stats.upsert(stats, []);
    expect(stats.getUncommittedEvents()).toEqual([]);
    stats.recalculate(figures(11), new Date('2025-06-16T04:00:00Z'));
    await replica.stats.upsert(stats, []);
    const rows = await owner.rows('SELECT * FROM analytics_outbox ORDER BY sequence');
    const common = {
      aggregatetype: 'daily_active_stats',
      aggregateid: 'd:2025-06-15',
      type: 'analytics.dau.calculated',
    };
    expect(rows).toMatchObject([
      { ...common, payload: { day: '2025-06-15', dauCount: 10, version: 1 }, occurred_at: at },
      {
        ...common,
        payload: { day: '2025-06-15', dauCount: 11, version: 2 },
        occurred_at: new Date('2025-06-16T04:00:00Z'),
      },
    ]);
    expect(Object.keys(rows[0]!['payload'] as object).sort()).toEqual(['dauCount', 'day', 'version']);
    expect(rows[0]!['id']).not.toBe(rows[1]!['id']);
  });
});

describe('a calculation that changes no figure', () => {
  const day = '2025-06-15';
  const [provisional, final] = [new Date('2025-06-15T15:00:00Z'), oneOClock('2025-06-16')];

  beforeEach(async () => {
    await replica.stats.upsert(DailyActiveStats.create(day, figures(10), provisional), []);
  });

  it('stores its time and settles its marks, and neither raises the version nor publishes', async () => {
    await addMark(day);
    const stats = await replica.stats.findByDate(day);
    stats!.recalculate(figures(10), final);
    await replica.stats.upsert(stats!, await marksOf(day));
    expect(await other.stats.findByDate(day)).toMatchObject({ version: 1, calculatedAt: final });
    expect(await owner.value('SELECT count(*)::int FROM analytics_outbox')).toBe(1);
    expect(await marksOf(day)).toEqual([]);
  });

  it('never takes the finality of its day away when it ends after a later one', async () => {
    const [slow, fast] = [await replica.stats.findByDate(day), await other.stats.findByDate(day)];
    fast!.recalculate(figures(10), final);
    await other.stats.upsert(fast!, []);
    slow!.recalculate(figures(10), new Date('2025-06-15T16:59:59Z'));
    await replica.stats.upsert(slow!, []);
    expect(await other.stats.findByDate(day)).toMatchObject({ version: 1, calculatedAt: final });
  });

  it('conflicts with a calculation that has changed a figure meanwhile, and keeps its marks', async () => {
    const [same, changed] = [await replica.stats.findByDate(day), await other.stats.findByDate(day)];
    changed!.recalculate(figures(11), final);
    await other.stats.upsert(changed!, []);
    await addMark(day);
    same!.recalculate(figures(10), final);
    const marks = await marksOf(day);
    expect(await rejectionOf(replica.stats.upsert(same!, marks))).toMatchObject({
      code: 'dau_version_conflict',
    });
    expect(await other.stats.findByDate(day)).toMatchObject({ dauCount: 11, version: 2 });
    expect(await marksOf(day)).toEqual(marks);
  });
});

describe('two replicas that calculate the same day', () => {
  it('store one first version between them', async () => {
    const at = oneOClock('2025-06-16');
    await addMark('2025-06-15');
    const marks = await marksOf('2025-06-15');
    const results = await Promise.allSettled([
      replica.stats.upsert(DailyActiveStats.create('2025-06-15', figures(10), at), []),
      other.stats.upsert(DailyActiveStats.create('2025-06-15', figures(10), at), []),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find((result) => result.status === 'rejected')).toMatchObject({
      reason: { code: 'dau_version_conflict', kind: 'conflict' },
    });
    expect(await owner.value('SELECT count(*)::int FROM analytics_outbox')).toBe(1);
    expect(await marksOf('2025-06-15')).toEqual(marks);
  });

  it('store one later version between them, and the second changes nothing', async () => {
    const at = oneOClock('2025-06-16');
    await replica.stats.upsert(DailyActiveStats.create('2025-06-15', figures(10), at), []);
    const [a, b] = [await replica.stats.findByDate('2025-06-15'), await other.stats.findByDate('2025-06-15')];
    a!.recalculate(figures(11), at);
    b!.recalculate(figures(12), at);
    await replica.stats.upsert(a!, []);
    await addMark('2025-06-15');
    const marks = await marksOf('2025-06-15');
    expect(await rejectionOf(other.stats.upsert(b!, marks))).toMatchObject({ code: 'dau_version_conflict' });
    // Its events stay uncommitted, so that a retry stores them.
    expect(b!.getUncommittedEvents()).toHaveLength(1);
    expect(await replica.stats.findByDate('2025-06-15')).toMatchObject({ dauCount: 11, version: 2 });
    expect(await marksOf('2025-06-15')).toEqual(marks);
    expect(await owner.value('SELECT count(*)::int FROM analytics_outbox')).toBe(2);
  });

  it('settle only the marks that they name', async () => {
    for (const day of ['2025-06-15', '2025-06-15', '2025-06-14']) await addMark(day);
    const [first, second] = (await marksOf('2025-06-15')) as [bigint, bigint];
    await replica.stats.upsert(DailyActiveStats.create('2025-06-15', figures(10), oneOClock('2025-06-16')), [
      first,
      9_223_372_036_854_775_807n,
    ]);
    expect(await marksOf('2025-06-15')).toEqual([second]);
    expect(await marksOf('2025-06-14')).toHaveLength(1);
  });
});

interface Plan {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

/** Returns how many rows of tables a statement has read. */
function rowsRead(plan: Plan): number {
  const read = plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0);
  const own = plan['Relation Name'] === undefined ? 0 : Math.round(read * plan['Actual Loops']);
  return (plan.Plans ?? []).reduce((sum, each) => sum + rowsRead(each), own);
}

describe('due days', () => {
  const due = (today: string, now: string, limit = 100) =>
    replica.actives.findDueDays(today, new Date(now), limit);
  const store = (day: string, calculatedAt: string) =>
    replica.stats.upsert(DailyActiveStats.create(day, figures(1), new Date(calculatedAt)), []);

  it('are empty when nothing is stored', async () => {
    expect(await due('2025-06-15', '2025-06-15T12:00:00+08:00')).toEqual([]);
  });

  it('include each past day with a mark once and exclude today', async () => {
    for (const day of ['2025-06-14', '2025-06-15', '2025-06-14', '2018-11-01', '2025-06-16'])
      await addMark(day);
    expect(await due('2025-06-15', '2025-06-15T12:00:00+08:00')).toEqual(['2018-11-01', '2025-06-14']);
  });

  it('include a day from 01:00 that was calculated before it was final', async () => {
    await store('2025-06-14', '2025-06-14T23:00:00+08:00');
    expect(await due('2025-06-14', '2025-06-14T23:59:59.999+08:00')).toEqual([]);
    expect(await due('2025-06-15', '2025-06-15T00:00:00+08:00')).toEqual([]);
    expect(await due('2025-06-15', '2025-06-15T00:59:59.999+08:00')).toEqual([]);
    expect(await due('2025-06-15', '2025-06-15T01:00:00+08:00')).toEqual(['2025-06-14']);
    expect(await due('2025-07-20', '2025-07-20T00:30:00+08:00')).toEqual(['2025-06-14']);
  });

  it('exclude days that were final when they were calculated', async () => {
    await store('2025-06-13', '2025-06-14T01:00:00.000+08:00');
    await store('2025-06-14', '2025-06-15T00:59:59.999+08:00');
    expect(await due('2025-06-20', '2025-06-20T12:00:00+08:00')).toEqual(['2025-06-14']);
  });

  it('include a day of nobody whose bits were built before it was final, until they are built again', async () => {
    await replica.bits.build('2025-06-13', () => new Date('2025-06-14T01:00:00+08:00'));
    await replica.bits.build('2025-06-14', () => new Date('2025-06-14T23:00:00+08:00'));
    expect(await due('2025-06-15', '2025-06-15T00:59:59.999+08:00')).toEqual([]);
    expect(await due('2025-06-15', '2025-06-15T01:00:00+08:00')).toEqual(['2025-06-14']);
    await replica.bits.build('2025-06-14', () => new Date('2025-06-15T01:00:00+08:00'));
    expect(await due('2025-06-20', '2025-06-20T12:00:00+08:00')).toEqual([]);
  });

  it('are pending from the first mark to the calculation that settles it', async () => {
    const pending = async () => (await replica.stats.findPendingDays('2025-06-13', '2025-06-15')).sort();
    expect(await pending()).toEqual([]);
    for (const day of ['2025-06-12', '2025-06-13', '2025-06-15', '2025-06-13', '2025-06-16'])
      await addMark(day);
    expect(await pending()).toEqual(['2025-06-13', '2025-06-15']);
    const { marks } = await replica.actives.count('2025-06-13');
    await replica.stats.settle(marks);
    expect(await pending()).toEqual(['2025-06-15']);
  });

  it('are found pending by a few reads of the index, however many marks they have', async () => {
    if (owner.isDistributed) return;
    const days = ['2025-06-11', '2025-06-12', '2025-06-13'];
    await seed(
      owner,
      'analytics_dau_pending',
      Array.from({ length: 30_000 }, (_, n) => ({ day: days[n % 3] })),
    );
    await owner.rows('ANALYZE analytics_dau_pending');
    const [row] = await owner.rows<{ 'QUERY PLAN': readonly [{ readonly Plan: Plan }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${PENDING_DAYS_SQL.replaceAll('$1', "'2024-06-15'").replaceAll('$2', "'2025-06-14'")}`,
    );
    expect(rowsRead(row!['QUERY PLAN'][0].Plan)).toBe(3);
    expect((await replica.stats.findPendingDays('2024-06-15', '2025-06-14')).sort()).toEqual(days);
  });

  it('include a final day again when it gets a mark', async () => {
    await store('2025-06-13', '2025-06-14T01:00:00.000+08:00');
    await addMark('2025-06-13');
    expect(await due('2025-06-20', '2025-06-20T12:00:00+08:00')).toEqual(['2025-06-13']);
  });

  it('are the oldest days when a limit applies', async () => {
    await store('2025-06-02', '2025-06-02T12:00:00+08:00');
    await store('2025-05-30', '2025-05-30T12:00:00+08:00');
    for (const day of ['2025-06-03', '2025-06-01', '2025-05-31', '2025-06-02']) await addMark(day);
    const all = ['2025-05-30', '2025-05-31', '2025-06-01', '2025-06-02', '2025-06-03'];
    expect(await due('2025-06-15', '2025-06-15T12:00:00+08:00', 3)).toEqual(all.slice(0, 3));
    expect(await due('2025-06-15', '2025-06-15T12:00:00+08:00')).toEqual(all);
  });
});
