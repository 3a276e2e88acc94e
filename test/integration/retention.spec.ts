import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';

import { addDaysToKey } from '../../src/shared/utils/timezone.util.js';
import { DAY_MS, eventAtNoon, NOON, NOON_DAY } from '../support/builders.js';
import type { FixedClock } from '../support/contracts/clock/fake.js';
import type { TestDatabase } from '../support/database.js';
import type { Replica } from '../support/persistence.js';
import { RetentionStage } from '../support/retention/run.js';
import { seed, seedMark } from '../support/seed.js';
import { openSql, type Sql } from '../support/sql.js';
import { useReplicas } from '../support/use-replicas.js';

Logger.overrideLogger(false);

let database: TestDatabase;
let owner: Sql;
let clock: FixedClock;
let replica: Replica;
let other: Replica;
let stage: RetentionStage;

useReplicas(2, (opened) => {
  ({ database, owner, clock } = opened);
  [replica, other] = opened.replicas as [Replica, Replica];
  stage = new RetentionStage(replica, clock);
});

/** Counts down, so that each test has days of its own, all of them past the limit of 20 days. */
let nextDay = addDaysToKey(NOON_DAY, -40);

beforeEach(async () => {
  // Partitions of an earlier test must not show up in the next run.
  for (const { name } of await owner.rows<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relname ~ '_p[0-9]{8}$' AND relname !~ '_p202506'`,
  ))
    await owner.rows(`DROP TABLE ${name}`);
  await owner.rows('DELETE FROM analytics_dau_pending');
});

const at = (day: string, hour = 12) => `${day}T${String(hour).padStart(2, '0')}:00:00+08:00`;
const session = (day: string, userId: string) =>
  eventAtNoon({ userId, at: at(day), properties: { province: '广东' } });

/** Stores a day with three active users, an event that starts no session, and figures of a quiet week ago. */
async function settledDay(day = (nextDay = addDaysToKey(nextDay, -1))): Promise<string> {
  clock.set(NOON);
  await replica.eventLog.batchInsert([
    ...['1', '2', '3'].map((user) => session(day, user)),
    eventAtNoon({ userId: '4', eventName: 'song_played', at: at(day) }),
  ]);
  clock.advance(-8 * DAY_MS);
  await stage.calculate(day);
  clock.set(NOON);
  return day;
}

const partitionsOf = async (day: string) =>
  (
    await owner.rows<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relname ~ $1 ORDER BY 1`,
      [`_p${day.replaceAll('-', '')}$`],
    )
  ).map(({ name }) => name.replace(/_p\d+$/, ''));

const BOTH = ['analytics_daily_actives', 'analytics_event_log'];
const LIMITS = { events: 20, actives: 20 };
const figuresOf = (day: string) =>
  owner.rows('SELECT dau_count, dau_by_province, version FROM analytics_daily_active_users WHERE day = $1', [
    day,
  ]);

describe('a day past both limits', () => {
  it('is dropped whole, reported with rows and bytes, and its figures stay', async () => {
    const day = await settledDay();
    const figures = await figuresOf(day);
    const report = await stage.run(LIMITS);
    expect(report).toEqual({
      dropped: [
        { data: 'events', day, rows: 4, bytes: expect.any(Number) },
        { data: 'actives', day, rows: 6, bytes: expect.any(Number) },
      ],
      kept: [],
      left: 0,
      ended: 'done',
    });
    for (const { bytes } of report.dropped) expect(bytes).toBeGreaterThan(8_192);
    expect(await partitionsOf(day)).toEqual([]);
    expect(await figuresOf(day)).toEqual(figures);
    expect(await replica.stats.findByDateRange(day, day)).toMatchObject([{ day, dauCount: 3 }]);
    expect(await stage.run(LIMITS)).toMatchObject({ dropped: [], kept: [] });
  });

  it('is no drift for the audit, which says what is gone', async () => {
    const day = await settledDay();
    await stage.run(LIMITS);
    expect(await stage.audit(day)).toEqual({
      day,
      log: null,
      activeSet: null,
      stored: 3,
      realtime: null,
      drift: [],
    });
  });

  it('keeps its figures at every later calculation, and is not due', async () => {
    const day = await settledDay();
    await stage.run(LIMITS);
    expect(await stage.calculate(day)).toEqual({ day, dauCount: 3, version: 1, calculated: true });
    expect(await replica.actives.findDueDays(NOON_DAY, clock.now(), 10)).toEqual([]);
    expect(await figuresOf(day)).toMatchObject([{ dau_count: 3, version: 1 }]);
  });
});

describe('a day past the limit of the log alone', () => {
  it('keeps its active set, by which late events still raise its figures', async () => {
    const day = await settledDay();
    expect((await stage.run({ events: 20 })).dropped).toMatchObject([{ data: 'events', day }]);
    expect(await stage.audit(day)).toMatchObject({ log: null, activeSet: 3, stored: 3, drift: [] });
    expect(await replica.eventLog.batchInsert([session(day, '3'), session(day, '4')])).toEqual([true, true]);
    expect(await stage.calculate(day)).toMatchObject({ dauCount: 4, version: 2, calculated: true });
    expect(await stage.audit(day)).toMatchObject({ log: null, activeSet: 4, stored: 4, drift: [] });
  });

  it('loses what came later as well, once its figures are quiet again', async () => {
    const day = await settledDay();
    await stage.run({ events: 20 });
    await replica.eventLog.batchInsert([session(day, '4')]);
    expect((await stage.run({ events: 20 })).kept).toMatchObject([{ day, reason: 'marked' }]);
    await stage.calculate(day);
    expect((await stage.run({ events: 20 })).kept).toMatchObject([{ day, reason: 'changed_lately' }]);
    clock.advance(7 * DAY_MS);
    expect((await stage.run({ events: 27 })).dropped).toMatchObject([{ data: 'events', day, rows: 1 }]);
    expect(await figuresOf(day)).toMatchObject([{ dau_count: 4, version: 2 }]);
  });

  it('is still compared with its stored figures, which show a drift', async () => {
    const day = await settledDay();
    await stage.run({ events: 20 });
    await owner.rows('UPDATE analytics_daily_active_users SET dau_count = 5 WHERE day = $1', [day]);
    expect((await stage.audit(day)).drift).toEqual(['stored stats says 5 in all, the active set 3']);
  });
});

describe('a day is kept', () => {
  it('when it is not past its limit, counted in days of Shanghai before today', async () => {
    const day = await settledDay(addDaysToKey(NOON_DAY, -20));
    expect(await stage.run(LIMITS)).toMatchObject({ dropped: [], kept: [] });
    clock.set(at(addDaysToKey(NOON_DAY, 1), 0));
    expect((await stage.run({ events: 20 })).dropped).toMatchObject([{ day }]);
  });

  it.each([
    [
      'its figures were never calculated',
      'not_calculated',
      (day: string) => owner.rows('DELETE FROM analytics_daily_active_users WHERE day = $1', [day]),
    ],
    [
      'its figures are from before it was over',
      'not_final',
      (day: string) =>
        owner.rows(
          "UPDATE analytics_daily_active_users SET calculated_at = (day + time '23:00') AT TIME ZONE 'Asia/Shanghai' WHERE day = $1",
          [day],
        ),
    ],
    ['it is marked', 'marked', (day: string) => seedMark(owner, day)],
    [
      'its active set has somebody that the log has not',
      'drift',
      (day: string) =>
        seed(owner, 'analytics_daily_actives', [{ day, level: 0, place: '', identity: 'u:99' }]),
    ],
    [
      'its stored figures are not those of its log',
      'drift',
      (day: string) =>
        owner.rows(
          'UPDATE analytics_daily_active_users SET dau_count = 2, dau_by_province = \'{"广东": 2}\' WHERE day = $1',
          [day],
        ),
    ],
    [
      'its bits have lost somebody',
      'drift',
      (day: string) =>
        owner.rows(
          'UPDATE analytics_active_bits SET bits = bits & ~ bits WHERE day = $1 AND kind = 0 AND bucket = (SELECT min(bucket) FROM analytics_identities)',
          [day],
        ),
    ],
    [
      'a place has lost its users',
      'drift',
      (day: string) => owner.rows('DELETE FROM analytics_place_actives WHERE day = $1', [day]),
    ],
    [
      'its users are new though they were there before',
      'drift',
      (day: string) =>
        owner.rows(
          `INSERT INTO analytics_active_bits SELECT day, 1, bucket, chunk, bits FROM analytics_active_bits WHERE day = $1 AND kind = 0
           ON CONFLICT (day, kind, bucket, chunk) DO UPDATE SET bits = excluded.bits`,
          [day],
        ),
    ],
  ])('when %s', async (_, reason, change) => {
    const [day, neighbour] = [await settledDay(), await settledDay()];
    await change(day);
    const report = await stage.run(LIMITS);
    expect(report.kept).toMatchObject([
      { data: 'events', day, reason },
      { data: 'actives', day, reason },
    ]);
    expect(report.dropped.map((each) => each.day)).toEqual([neighbour, neighbour]);
    expect(await partitionsOf(day)).toEqual(BOTH);
  });

  it('when a user of it has a later first day in the dictionary', async () => {
    const day = await settledDay();
    await owner.rows("UPDATE analytics_identities SET first_day = $1::date + 1 WHERE identity = 'u:2'", [
      day,
    ]);
    const { dropped, kept } = await stage.run(LIMITS);
    const drift = expect.arrayContaining(['new users: 1 identities of the log have a later first day']);
    expect([dropped, kept]).toMatchObject([[], Array(2).fill({ day, reason: 'drift', drift })]);
    await owner.rows("UPDATE analytics_identities SET first_day = $1 WHERE identity = 'u:2'", [day]);
  });

  it('with its active set alone, when its bits were never built, and the report says so', async () => {
    const day = await settledDay();
    await owner.rows('DELETE FROM analytics_active_days WHERE day = $1', [day]);
    const { dropped, kept } = await stage.run(LIMITS);
    expect(dropped).toMatchObject([{ data: 'events', day }]);
    const drift = [`bits: those of ${day} are not built yet: npm run actives:build -- ${day}`];
    expect(kept).toMatchObject([{ data: 'actives', day, reason: 'drift', drift }]);
  });

  it('when it changes between the plan and the drop', async () => {
    const day = await settledDay();
    expect(await replica.retention.drop('actives', day, 7)).toBe('changed');
    expect(await replica.retention.drop('actives', day, null)).toBe('changed');
    await other.eventLog.batchInsert([session(day, '4')]);
    expect(await replica.retention.drop('actives', day, 1)).toBe('changed');
    expect(await replica.retention.drop('events', day, 1)).toBe('changed');
    expect(await partitionsOf(day)).toEqual(BOTH);
  });

  it('in a dry run, which reports what a run would drop', async () => {
    const day = await settledDay();
    expect(await stage.run(LIMITS, { dryRun: true })).toMatchObject({
      dropped: [
        { data: 'events', day, rows: 4 },
        { data: 'actives', day, rows: 6 },
      ],
      kept: [],
    });
    expect(await partitionsOf(day)).toEqual(BOTH);
  });
});

it('a day without active users is dropped and stays open', async () => {
  const day = (nextDay = addDaysToKey(nextDay, -1));
  await replica.eventLog.batchInsert([eventAtNoon({ eventName: 'song_played', at: at(day) })]);
  expect((await stage.run(LIMITS)).dropped).toMatchObject([
    { data: 'events', day, rows: 1 },
    { data: 'actives', day, rows: 0 },
  ]);
  expect(await other.eventLog.batchInsert([session(day, '1')])).toEqual([true]);
  expect(await stage.calculate(day)).toMatchObject({ dauCount: 1 });
});

describe('while somebody reads the table for long', () => {
  it.each(['analytics_event_log', 'analytics_daily_actives'])(
    'a drop gives up its lock on %s soon, and events are stored all the time',
    async (table) => {
      const day = await settledDay();
      const data = table === 'analytics_event_log' ? 'events' : 'actives';
      const reader = await openSql(database.ownerUrl);
      await reader.rows('BEGIN');
      await reader.rows(`SELECT FROM ${table} LIMIT 1`);
      const drops = (async () => {
        for (let n = 0; n < 5; n++) expect(await replica.retention.drop(data, day, 1)).toBe('busy');
        return true;
      })();
      let isOver = false;
      void drops.finally(() => (isOver = true));
      for (let n = 0; !isOver; n++)
        expect(await other.eventLog.batchInsert([eventAtNoon({ userId: String(100 + n) })])).toEqual([true]);
      expect(await drops).toBe(true);
      await reader.rows('COMMIT');
      await reader.close();
      expect(await replica.retention.drop(data, day, 1)).toBe('dropped');
    },
  );
});

it('a drop waits 0.2 s at most for each of its two locks', async () => {
  const name = owner.isDistributed ? 'analytics_drop_distributed_day' : 'analytics_drop_day';
  const definition = 'SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = $1';
  expect(await owner.value(definition, [name])).toMatch(/lock_timeout (TO|=) '200ms'/);
});

it('replicas that run at the same moment drop each day once', async () => {
  const days = [await settledDay(), await settledDay(), await settledDay()];
  const reports = await Promise.all([stage.run(LIMITS), new RetentionStage(other, clock).run(LIMITS)]);
  expect(reports.flatMap(({ dropped }) => dropped)).toHaveLength(2 * days.length);
  expect(
    await owner.rows('SELECT FROM analytics_dropped_days WHERE day = ANY ($1::date[])', [days]),
  ).toHaveLength(3);
});

it.each(['events', 'actives'] as const)(
  'session starts that arrive while the %s of their day are dropped are refused, or stored and kept',
  async (data) => {
    for (let round = 0; round < 3; round++) {
      const day = await settledDay();
      const arrivals = Array.from({ length: 4 }, async (_, n) => {
        const user = String(100 + n);
        const [outcome] = await (n % 2 === 0 ? replica : other).eventLog.batchInsert([session(day, user)]);
        return { user, outcome };
      });
      const dropped = await replica.retention.drop(data, day, 1);
      const stored = (await Promise.all(arrivals)).filter(({ outcome }) => outcome === true);
      expect(['dropped', 'changed', 'busy']).toContain(dropped);
      const actives = await owner.rows<{ identity: string }>(
        "SELECT identity FROM analytics_daily_actives WHERE day = $1 AND level = 0 AND identity > 'u:1'",
        [day],
      );
      const late = actives.map(({ identity }) => identity).filter((identity) => identity.length > 3);
      expect(late.sort()).toEqual(stored.map(({ user }) => `u:${user}`).sort());
    }
  },
);

it('a flood of events on other days goes on while days are dropped', async () => {
  for (let n = 0; n < 5; n++) await settledDay();
  let isOver = false;
  const flood = (async () => {
    const outcomes: unknown[] = [];
    for (let n = 0; !isOver; n++)
      outcomes.push(...(await other.eventLog.batchInsert([eventAtNoon({ userId: String(1000 + n) })])));
    return outcomes;
  })();
  expect((await stage.run(LIMITS)).dropped).toHaveLength(10);
  isOver = true;
  expect(new Set(await flood)).toEqual(new Set([true]));
});
