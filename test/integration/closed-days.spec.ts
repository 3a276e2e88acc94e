import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';

import { DAY_CLOSED } from '../../src/domain/repositories/event-log.repository.interface.js';
import { addDaysToKey } from '../../src/shared/utils/timezone.util.js';
import { DAY_MS, eventAtNoon, NOON, NOON_DAY } from '../support/builders.js';
import type { FixedClock } from '../support/contracts/clock/fake.js';
import type { Replica } from '../support/persistence.js';
import { RetentionStage } from '../support/retention/run.js';
import { seedClaim } from '../support/seed.js';
import type { Sql } from '../support/sql.js';
import { useReplicas } from '../support/use-replicas.js';

Logger.overrideLogger(false);

const LIMITS = { events: 20, actives: 20 };

let owner: Sql;
let clock: FixedClock;
let replica: Replica;
let other: Replica;
let stage: RetentionStage;
let otherStage: RetentionStage;
/** A day of each test's own, and the day after it. */
let day = addDaysToKey(NOON_DAY, -40);
let next: string;
let users = 0;

useReplicas(2, (opened) => {
  ({ owner, clock } = opened);
  [replica, other] = opened.replicas as [Replica, Replica];
  [stage, otherStage] = [new RetentionStage(replica, clock), new RetentionStage(other, clock)];
});

const session = (onDay: string, user: number, province = '广东') =>
  eventAtNoon({ userId: String(users + user), at: `${onDay}T12:00:00+08:00`, properties: { province } });

const partitionOf = (table: string, onDay = day) => `${table}_p${onDay.replaceAll('-', '')}`;
const figuresOf = (onDay = day) =>
  owner.rows(
    'SELECT dau_count AS dau, dau_by_province AS provinces, version FROM analytics_daily_active_users WHERE day = $1',
    [onDay],
  );
const spansOf = async (first: string, last: string) =>
  (await replica.spans.countSpans([{ first, last }], null))[0];
const messages = () =>
  owner.value("SELECT count(*)::int FROM analytics_outbox WHERE aggregatetype = 'daily_active_stats'");

/** Waits until the figures count as settled, and drops what is past the limits. */
async function retain(): Promise<readonly string[]> {
  clock.advance(8 * DAY_MS);
  const { dropped, kept } = await stage.run(LIMITS);
  expect(kept).toEqual([]);
  return dropped.map(({ data, day: dropped }) => `${data} ${dropped}`).sort();
}

/** Users 1 to 3 are active on the day, 3 and 4 on the next one; then retention drops both days. */
beforeEach(async () => {
  // Partitions of an earlier test must not show up in the next run.
  for (const { name } of await owner.rows<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relname ~ '_p[0-9]{8}$' AND relname !~ '_p202506'`,
  ))
    await owner.rows(`DROP TABLE ${name}`);
  await owner.rows('DELETE FROM analytics_dau_pending');
  [day, next, users] = [addDaysToKey(day, -2), addDaysToKey(day, -1), users + 10];
  clock.set(NOON);
  await replica.eventLog.batchInsert([1, 2, 3].map((user) => session(day, user)));
  await replica.eventLog.batchInsert([3, 4].map((user) => session(next, user)));
  for (const each of [day, next]) await stage.calculate(each);
  await retain();
  expect(await spansOf(day, day)).toEqual({ activeCount: 3, newCount: 3 });
});

function expectOvertaken(error: unknown): void {
  expect(error).toMatchObject({ code: 'dau_version_conflict' });
}

async function expectNoDrift(): Promise<void> {
  for (const each of [day, next]) {
    expect(await stage.audit(each)).toMatchObject({ log: null, activeSet: null, drift: [] });
    expect(await stage.auditBits(each)).toEqual([]);
  }
}

describe('an import of a day whose log and active set were dropped', () => {
  it('is stored, and each figure is the union with what was there before', async () => {
    const events = [session(day, 2, '浙江'), session(day, 4), session(day, 5)];
    expect(await other.eventLog.batchInsert(events)).toEqual([true, true, true]);
    expect(await owner.value(`SELECT count(*)::int FROM ${partitionOf('analytics_event_log')}`)).toBe(3);
    expect(await replica.actives.findDueDays(NOON_DAY, clock.now(), 10)).toEqual([day]);
    expect(await otherStage.calculate(day)).toMatchObject({ dauCount: 5, version: 2, calculated: true });
    expect(await figuresOf()).toEqual([{ dau: 5, provinces: { 广东: 5, 浙江: 1 }, version: 2 }]);
    expect(await spansOf(day, day)).toEqual({ activeCount: 5, newCount: 5 });
    // User 4 was new on the next day until now.
    expect(await spansOf(next, next)).toEqual({ activeCount: 2, newCount: 0 });
    expect(await spansOf(day, next)).toEqual({ activeCount: 5, newCount: 5 });
    expect(await replica.spans.countRetention({ first: day, last: day }, 'new', [1], next)).toMatchObject([
      { day, cohortSize: 5, retained: new Map([[1, 2]]) },
    ]);
    await expectNoDrift();
  });

  it('is dropped again by retention, and imported again: the figures stay, no version rises, nothing is published', async () => {
    const events = [session(day, 1), session(day, 5)];
    for (let round = 0; round < 3; round++) {
      expect(await replica.eventLog.batchInsert(events)).toEqual([true, true]);
      expect(await stage.calculate(day)).toMatchObject({ dauCount: 4, version: 2 });
      expect(await replica.eventLog.batchInsert(events)).toEqual([false, false]);
      expect(await retain()).toEqual([`actives ${day}`, `events ${day}`]);
      expect(await figuresOf()).toEqual([{ dau: 4, provinces: { 广东: 4 }, version: 2 }]);
      await expectNoDrift();
      if (round === 0) await owner.rows('DELETE FROM analytics_outbox');
    }
    expect(await messages()).toBe(0);
  });

  it('of all that was dropped changes no figure', async () => {
    const before = await figuresOf();
    await replica.eventLog.batchInsert([1, 2, 3].map((user) => session(day, user)));
    await owner.rows('DELETE FROM analytics_outbox');
    expect(await stage.calculate(day)).toMatchObject({ dauCount: 3, version: 1, calculated: true });
    expect([await figuresOf(), await messages()]).toEqual([before, 0]);
  });

  it('by two replicas at once, which calculate at once, loses nobody', async () => {
    const crowd = Array.from({ length: 60 }, (_, n) =>
      session(day, 1 + (n % 7), n % 2 === 0 ? '广东' : '浙江'),
    );
    await Promise.all(
      [replica, other].map(async (each, n) => {
        for (let from = n * 30; from < n * 30 + 30; from += 5) {
          await each.eventLog.batchInsert(crowd.slice(from, from + 5));
          // Marks stay when the other replica was faster three times.
          await (n === 0 ? stage : otherStage).calculate(day).catch(expectOvertaken);
        }
      }),
    );
    await stage.calculate(day);
    expect(await figuresOf()).toMatchObject([{ dau: 7, provinces: { 广东: 7, 浙江: 7 } }]);
    expect(await spansOf(day, next)).toEqual({ activeCount: 7, newCount: 7 });
    await expectNoDrift();
  });

  it('meets retention at the same moment and loses nobody', async () => {
    for (let user = 1; user <= 9; user++) {
      const version = Number((await figuresOf())[0]?.['version']);
      const imported = other.eventLog.batchInsert([session(day, user), session(day, user, '浙江')]);
      const drops = ['actives', 'events'].map((data) =>
        replica.retention.drop(data as 'actives' | 'events', day, version),
      );
      expect(await imported).toEqual([true, true]);
      await Promise.all(drops);
      await otherStage.calculate(day);
    }
    expect(await figuresOf()).toMatchObject([{ dau: 9, provinces: { 广东: 9, 浙江: 9 } }]);
    await expectNoDrift();
  });

  it('takes a corrected session start whose id is claimed for the day', async () => {
    const copy = (at: string) =>
      eventAtNoon({
        ...{ eventId: '6f6f9f6e-1f4e-4f43-8e0b-0c0a5a3c9d11', userId: String(users + 5), at },
        clientTime: `${day}T01:00:00+08:00`,
      });
    const { eventId, dauIdentifier } = copy(NOON);
    const [client_time, event_time] = [`${day}T01:00:00+08:00`, `${day}T12:00:00+08:00`];
    await seedClaim(owner, { event_id: eventId.value, client_time, event_time }, dauIdentifier);
    expect(await replica.eventLog.batchInsert([copy(NOON)])).toEqual([true]);
    expect(await stage.calculate(day)).toMatchObject({ dauCount: 4 });
  });
});

describe('a day whose set an owner dropped by hand', () => {
  beforeEach(async () => {
    [day, next] = [addDaysToKey(day, -2), addDaysToKey(day, -1)];
    clock.set(NOON);
    await replica.eventLog.batchInsert([1, 2, 3].map((user) => session(day, user)));
    await stage.calculate(day);
    for (const table of ['analytics_daily_actives', 'analytics_event_log'])
      await owner.rows(`DROP TABLE ${partitionOf(table)}`);
  });

  it('takes imports when its bits hold what its figures count', async () => {
    for (const each of [replica, other])
      expect(await each.eventLog.batchInsert([session(day, 4)])).toEqual([true]);
    expect(await stage.calculate(day)).toMatchObject({ dauCount: 4, version: 2 });
  });

  it.each([
    ['bits', "DELETE FROM analytics_active_bits WHERE day = '$day'"],
    ['lists of places', "DELETE FROM analytics_place_actives WHERE day = '$day'"],
  ])('is closed without its %s: no session start replaces its figures', async (_, damage) => {
    await owner.rows(damage.replace('$day', day));
    expect(await stage.audit(day)).toMatchObject({ log: null, activeSet: null, stored: 3 });
    for (const each of [replica, other]) {
      const played = eventAtNoon({ eventName: 'song_played', at: `${day}T12:00:00+08:00` });
      const batch = [session(day, 8), played, eventAtNoon(), session(day, 9)];
      expect(await each.eventLog.batchInsert(batch)).toEqual([DAY_CLOSED, true, true, DAY_CLOSED]);
      expect(await each.eventLog.batchInsert(batch)).toEqual([DAY_CLOSED, false, false, DAY_CLOSED]);
    }
    expect(await stage.calculate(day)).toEqual({
      day,
      dauCount: 3,
      version: 1,
      calculated: false,
      kept: true,
    });
    expect(await figuresOf()).toEqual([{ dau: 3, provinces: { 广东: 3 }, version: 1 }]);
  });
});
