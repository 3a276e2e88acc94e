import { afterEach, describe, expect, it } from '@jest/globals';

import { DailyActiveStats } from '../../src/domain/aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import { eventAtNoon, NOON_DAY } from '../support/builders.js';
import { usersOfOneBucket } from '../support/citus/tables.js';
import type { FixedClock } from '../support/contracts/clock/fake.js';
import type { TestDatabase } from '../support/database.js';
import type { Replica } from '../support/persistence.js';
import { seed, seedMark } from '../support/seed.js';
import { openSql, type Sql } from '../support/sql.js';
import { useReplicas } from '../support/use-replicas.js';

let database: TestDatabase;
let owner: Sql;
let clock: FixedClock;
let replica: Replica;
let other: Replica;

useReplicas(2, (stage) => {
  ({ database, owner, clock } = stage);
  [replica, other] = stage.replicas as [Replica, Replica];
});

afterEach(() => owner.rows('DELETE FROM analytics_dau_pending'));

const marksOf = async (day: string) =>
  Number(await owner.value('SELECT count(*) FROM analytics_dau_pending WHERE day = $1::date', [day]));

describe('a mark on a day', () => {
  const PAST = '2025-06-12';
  const past = (user: string) => eventAtNoon({ userId: user, at: `${PAST}T04:00:00.000Z` });
  const settle = async (stats: DailyActiveStats, marks: readonly bigint[]) =>
    replica.stats.upsert(stats, marks);

  afterEach(async () => {
    await owner.rows('DELETE FROM analytics_daily_active_users');
    await owner.rows('DELETE FROM analytics_outbox');
  });

  it('is added by every late event that adds an active identity to a past day', async () => {
    await replica.eventLog.batchInsert([past('100')]);
    expect(await marksOf(PAST)).toBe(1);
    await replica.eventLog.batchInsert([past('101')]);
    await other.eventLog.batchInsert([past('102')]);
    expect(await marksOf(PAST)).toBe(3);
    expect(await replica.actives.findDueDays(NOON_DAY, clock.now(), 10)).toEqual([PAST]);
  });

  it('is not added by an event that adds no active identity', async () => {
    const event = past('110');
    await replica.eventLog.batchInsert([event]);
    await owner.rows('DELETE FROM analytics_dau_pending');
    // The batches hold a duplicate, an active identity and an event that is not a session.
    await replica.eventLog.batchInsert([event, past('110')]);
    await other.eventLog.batchInsert([
      eventAtNoon({ userId: '111', at: `${PAST}T04:00:00Z`, eventName: 'song_played' }),
    ]);
    expect(await marksOf(PAST)).toBe(0);
  });

  it('is added when a known identity appears in a new place', async () => {
    await replica.eventLog.batchInsert([past('120')]);
    await owner.rows('DELETE FROM analytics_dau_pending');
    await replica.eventLog.batchInsert([
      eventAtNoon({ userId: '120', at: `${PAST}T05:00:00Z`, properties: { city: '深圳' } }),
    ]);
    expect(await marksOf(PAST)).toBe(1);
  });

  it('is added once by each replica until the day is final', async () => {
    const session = (r: Replica, user: string) =>
      r.eventLog.batchInsert([eventAtNoon({ userId: user, at: '2025-06-15T03:00:00.000Z' })]);
    for (const user of ['130', '131', '132']) await session(replica, user);
    expect(await marksOf(NOON_DAY)).toBe(1);
    await session(other, '133');
    expect(await marksOf(NOON_DAY)).toBe(2);
    // Each flush adds a mark from five minutes before the day is final.
    clock.set('2025-06-15T16:54:59.999Z');
    await session(replica, '134');
    expect(await marksOf(NOON_DAY)).toBe(2);
    clock.set('2025-06-15T16:55:00.000Z');
    await session(replica, '135');
    expect(await marksOf(NOON_DAY)).toBe(3);
    clock.set('2025-06-16T05:00:00.000Z');
    await session(replica, '136');
    await session(replica, '137');
    expect(await marksOf(NOON_DAY)).toBe(5);
  });

  it('is returned with its count and settled with its stats', async () => {
    await replica.eventLog.batchInsert(usersOfOneBucket(2, 1400).map(past));
    const { marks, ...figures } = await replica.actives.count(PAST);
    expect(marks).toHaveLength(1);
    await settle(DailyActiveStats.create(PAST, figures, clock.now()), marks);
    expect(await marksOf(PAST)).toBe(0);
    expect(await replica.actives.findDueDays(NOON_DAY, clock.now(), 10)).toEqual([]);
  });

  it('survives when it is added between the count and the upsert', async () => {
    await replica.eventLog.batchInsert([past('150')]);
    const { marks, ...figures } = await replica.actives.count(PAST);
    await other.eventLog.batchInsert([past('151')]);
    const stats = DailyActiveStats.create(PAST, figures, clock.now());
    await settle(stats, marks);
    expect(await marksOf(PAST)).toBe(1);
    expect(await replica.actives.findDueDays(NOON_DAY, clock.now(), 10)).toEqual([PAST]);

    const again = await replica.actives.count(PAST);
    expect(again.total).toBe(figures.total + 1);
    stats.recalculate(again, clock.now());
    await settle(stats, again.marks);
    expect(await marksOf(PAST)).toBe(0);
  });

  it('survives when its transaction commits after the count', async () => {
    await replica.eventLog.batchInsert([past('160')]);
    const slow = await openSql(database.serviceUrl);
    try {
      await slow.rows('BEGIN');
      await seed(slow, 'analytics_daily_actives', [{ day: PAST, level: 0, place: '', identity: 'u:161' }]);
      await seedMark(slow, PAST);
      // Its id is lower than that of the next, visible mark, so a range of ids would settle both.
      await other.eventLog.batchInsert([past('162')]);
      const { marks, ...figures } = await replica.actives.count(PAST);
      expect(marks).toHaveLength(2);
      await slow.rows('COMMIT');
      await settle(DailyActiveStats.create(PAST, figures, clock.now()), marks);
      expect(await marksOf(PAST)).toBe(1);
    } finally {
      await slow.close();
    }
  });

  it('survives when the upsert of its day fails', async () => {
    await replica.eventLog.batchInsert([past('170')]);
    const { marks, ...figures } = await replica.actives.count(PAST);
    await settle(DailyActiveStats.create(PAST, figures, clock.now()), []);
    await expect(settle(DailyActiveStats.create(PAST, figures, clock.now()), marks)).rejects.toMatchObject({
      code: 'dau_version_conflict',
    });
    expect(await marksOf(PAST)).toBe(1);
  });
});
