import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import type { EventLog } from '../../src/domain/entities/event-log.entity.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { waitFor } from '../support/processes.js';
import { eventAtNoon, NOON, uncheckedInstallId } from '../support/builders.js';
import { rejectionOf } from '../support/failures.js';
import { openReplica, type Replica } from '../support/persistence.js';
import { pick, seededRandom, shuffled } from '../support/random.js';
import { openSql, type Sql } from '../support/sql.js';

const REPLICAS = 5;
const WAITING_SQL = `
  SELECT count(*)::int FROM pg_locks WHERE relation = 'analytics_event_log'::regclass AND NOT granted`;

let database: TestDatabase;
let owner: Sql;
let replicas: Replica[];
let replica: Replica;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openSql(database.ownerUrl);
});

beforeEach(() => {
  // New ones for each test: a replica remembers which days it has seen.
  replicas = Array.from({ length: REPLICAS }, () => openReplica(database.serviceUrl));
  replica = replicas[0]!;
});

afterEach(async () => {
  await Promise.all(replicas.map((r) => r.close()));
});

afterAll(async () => {
  await owner.close();
  await database.drop();
});

/** How often each of these events is in the log. */
async function timesStored(events: readonly EventLog[]): Promise<number[]> {
  const rows = await owner.rows<{ event_id: string; n: number }>(
    'SELECT event_id, count(*)::int AS n FROM analytics_event_log WHERE event_id = ANY ($1::uuid[]) GROUP BY 1',
    [events.map(({ eventId }) => eventId.value)],
  );
  const counts = new Map(rows.map(({ event_id, n }) => [event_id, n]));
  return events.map(({ eventId }) => counts.get(eventId.value) ?? 0);
}

const outboxOf = (events: readonly EventLog[]) =>
  owner.rows(
    `SELECT id::text, aggregatetype, aggregateid, type, payload, occurred_at FROM analytics_outbox
     WHERE id = ANY ($1::uuid[]) ORDER BY sequence`,
    [events.map(({ eventId }) => eventId.value)],
  );

const storedRow = async ({ eventId }: EventLog) =>
  (
    await owner.rows<{ event_time: Date; user_id: string | null; install_id: string; properties: unknown }>(
      'SELECT event_time, user_id, install_id, event_name, properties FROM analytics_event_log WHERE event_id = $1',
      [eventId.value],
    )
  )[0]!;

describe('storing events', () => {
  it('goes in as the service and not as the owner', async () => {
    const [row] = await replica.prisma.forRequest(
      (prisma) => prisma.$queryRaw<{ superuser: boolean; member: boolean }[]>`
        SELECT rolsuper AS superuser, pg_has_role(current_user, 'analytics_service', 'MEMBER') AS member
        FROM pg_roles WHERE rolname = current_user`,
    );
    expect(row).toEqual({ superuser: false, member: true });
  });

  it('says which events were new', async () => {
    const [a, b, c] = [
      eventAtNoon(),
      eventAtNoon({ eventName: 'song_played' }),
      eventAtNoon({ userId: '42' }),
    ];
    expect(await replica.eventLog.batchInsert([a, b])).toEqual([true, true]);
    expect(await replica.eventLog.batchInsert([b, c, a])).toEqual([false, true, false]);
    expect(await timesStored([a, b, c])).toEqual([1, 1, 1]);
  });

  it('stores nothing for no events', async () => {
    expect(await replica.eventLog.batchInsert([])).toEqual([]);
  });

  it('takes the first of two events with one id in one batch', async () => {
    const id = randomUUID();
    const first = eventAtNoon({ eventId: id, installId: 'the-first-one' });
    const second = eventAtNoon({ eventId: id, installId: 'the-second-one', at: '2025-06-15T05:00:00.000Z' });
    expect(await replica.eventLog.batchInsert([eventAtNoon(), first, second, first])).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(await timesStored([first])).toEqual([1]);
    expect(await storedRow(first)).toMatchObject({ install_id: 'the-first-one', event_time: new Date(NOON) });
    expect(await outboxOf([first])).toHaveLength(1);
  });

  it('answers each of many callers for its own events', async () => {
    const batches = Array.from({ length: 30 }, (_, i) => Array.from({ length: i % 7 }, () => eventAtNoon()));
    const answers = await Promise.all(batches.map((batch) => replica.eventLog.batchInsert(batch)));
    expect(answers.map((answer) => answer.length)).toEqual(batches.map((batch) => batch.length));
    expect(answers.flat().every(Boolean)).toBe(true);
    const again = await Promise.all(batches.map((batch) => replica.eventLog.batchInsert(batch)));
    expect(again.flat().some(Boolean)).toBe(false);
  });

  it('accepts a batch once that twenty callers on several replicas send at the same moment', async () => {
    const batch = Array.from({ length: 120 }, (_, i) =>
      eventAtNoon({
        userId: i % 2 === 0 ? String(1000 + i) : null,
        installId: `install-twenty-${i % 40}`,
        eventName: i % 3 === 0 ? 'song_played' : 'app_session_start',
        at: new Date(Date.parse(NOON) - i * 3_600_000).toISOString(),
        // Every fourth device has a wrong clock.
        clientTime: new Date(Date.parse(NOON) - i * 3_600_000 - (i % 4 === 0 ? 900_000 : 0)).toISOString(),
        properties: { province: `省${i % 5}`, city: `市${i % 9}` },
      }),
    );
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => replicas[i % REPLICAS]!.eventLog.batchInsert(batch)),
    );
    expect(batch.map((_, i) => answers.filter((answer) => answer[i]).length)).toEqual(batch.map(() => 1));
    expect(await timesStored(batch)).toEqual(batch.map(() => 1));
    expect(await outboxOf(batch)).toHaveLength(80);
  });

  it('accepts every event once when overlapping batches come in different orders at the same moment', async () => {
    const random = seededRandom(1);
    const events = Array.from({ length: 400 }, (_, i) =>
      eventAtNoon({
        userId: String(1 + Math.floor(random() * 60)),
        at: new Date(Date.parse(NOON) - Math.floor(random() * 4 * 86_400_000)).toISOString(),
        clientTime: i % 5 === 0 ? '2025-01-01T00:00:00.000Z' : undefined,
        properties: {
          province: pick(random, ['广东', '北京', '']),
          city: pick(random, ['深圳', '广州', '']),
        },
      }),
    );
    const verdicts = await Promise.all(
      Array.from({ length: 24 }, async (_, i) => {
        const batch = shuffled(random, events).slice(0, 150);
        const answer = await replicas[i % REPLICAS]!.eventLog.batchInsert(batch);
        return batch.filter((_event, at) => answer[at]).map(({ eventId }) => eventId.value);
      }),
    );
    const accepted = verdicts.flat();
    expect(new Set(accepted).size).toBe(accepted.length);
    const stored = await timesStored(events);
    expect(stored.every((n) => n <= 1)).toBe(true);
    expect(stored.filter((n) => n === 1)).toHaveLength(accepted.length);
  });

  it('does not let replicas block each other that send the same events in opposite orders', async () => {
    // Connected, and knowing the day, so that nothing but the flush itself is left to do.
    await Promise.all(replicas.map((r) => r.eventLog.batchInsert([eventAtNoon()])));
    for (let round = 0; round < 4; round++) {
      const events = Array.from({ length: 300 }, (_, i) =>
        eventAtNoon({
          userId: String(10_000 + i),
          at: new Date(Date.parse(NOON) + i).toISOString(),
          // Corrections have an order of their own, and would keep the replicas apart before it comes to the log.
          clientTime: round === 0 && i % 3 === 0 ? '2025-01-01T00:00:00.000Z' : undefined,
          properties: { city: `市${i}` },
        }),
      );
      const reversed = [...events].reverse();
      // All of them wait at the same gate, so that they really run side by side.
      await owner.rows('BEGIN');
      await owner.rows('LOCK TABLE analytics_event_log IN SHARE MODE');
      const answers = Promise.all(
        replicas.map((r, i) => r.eventLog.batchInsert(i % 2 === 0 ? events : reversed)),
      );
      await waitFor(async () => (await owner.value(WAITING_SQL)) === REPLICAS).finally(() =>
        owner.rows('COMMIT'),
      );
      expect((await answers).flat().filter(Boolean)).toHaveLength(events.length);
    }
  });

  it('fails nobody else for one caller whose data the database refuses', async () => {
    const good = eventAtNoon();
    const bad = eventAtNoon({ installId: uncheckedInstallId('x'.repeat(129)) });
    const beside = eventAtNoon();
    const results = await Promise.allSettled([
      replica.eventLog.batchInsert([good]),
      replica.eventLog.batchInsert([beside, bad]),
      replica.eventLog.batchInsert([good]),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[0]).toEqual({ status: 'fulfilled', value: [true] });
    expect(results[2]).toEqual({ status: 'fulfilled', value: [false] });
    // All or nothing for the caller at fault.
    expect(await timesStored([good, beside, bad])).toEqual([1, 0, 0]);
    expect(await outboxOf([beside, bad])).toEqual([]);
    expect(await replica.eventLog.batchInsert([beside])).toEqual([true]);
  });

  it('refuses at once what it has no room for, and takes it later', async () => {
    const batch = Array.from({ length: 9_000 }, (_, i) =>
      eventAtNoon({ installId: `install-${i}`, eventName: 'song_played' }),
    );
    const more = Array.from({ length: 9_000 }, (_, i) =>
      eventAtNoon({ installId: `install-${i}`, eventName: 'song_played' }),
    );
    const underWay = [replica.eventLog.batchInsert(batch), replica.eventLog.batchInsert(more)];
    expect(await rejectionOf(replica.eventLog.batchInsert(batch.slice(0, 2_001)))).toMatchObject({
      code: 'overloaded',
      kind: 'unavailable',
    });
    await Promise.all(underWay);
    expect(await replica.eventLog.batchInsert(batch.slice(0, 2))).toEqual([false, false]);
  });
});

describe('an event whose device clock was wrong', () => {
  const DEVICE = '2025-06-15T01:00:00.000Z';

  /** The same event, sent with a device clock that was found to be off by so many minutes. */
  const sent = (id: string, minutesOff: number): EventLog =>
    eventAtNoon({
      eventId: id,
      userId: '4711',
      clientTime: DEVICE,
      at: new Date(Date.parse(DEVICE) + minutesOff * 60_000).toISOString(),
    });

  it.each([
    ['corrected, then by a slightly different skew', [60, 60.01, 59.9]],
    ['corrected, then uncorrected', [5.1, 0]],
    ['uncorrected, then corrected', [0, 5.1]],
    ['corrected, then uncorrected, then corrected to another day', [5.1, 0, 24 * 60]],
    ['uncorrected, then corrected to another day and back', [0, -24 * 60, 0]],
  ])('is stored once: %s', async (_, minutes) => {
    const id = randomUUID();
    const verdicts: boolean[] = [];
    for (const [i, off] of minutes.entries()) {
      verdicts.push(...(await replicas[i % 2]!.eventLog.batchInsert([sent(id, off)])));
    }
    expect(verdicts).toEqual(minutes.map((_off, i) => i === 0));
    expect(await timesStored([sent(id, 0)])).toEqual([1]);
    expect((await storedRow(sent(id, 0))).event_time).toEqual(sent(id, minutes[0]!).eventTime);
    expect(await outboxOf([sent(id, 0)])).toHaveLength(1);
  });

  it('is stored once when sent with different skews at the same moment', async () => {
    const id = randomUUID();
    const answers = await Promise.all(
      replicas.map((r, i) => r.eventLog.batchInsert([sent(id, 30 + i), eventAtNoon()])),
    );
    expect(answers.filter(([isNew]) => isNew)).toHaveLength(1);
    expect(await timesStored([sent(id, 0)])).toEqual([1]);
  });

  it('is stored once within one batch', async () => {
    const id = randomUUID();
    expect(await replica.eventLog.batchInsert([sent(id, 30), sent(id, 0), sent(id, 31)])).toEqual([
      true,
      false,
      false,
    ]);
    expect(await timesStored([sent(id, 0)])).toEqual([1]);
  });

  it('counts on the day it really happened', async () => {
    const event = eventAtNoon({
      userId: '4712',
      clientTime: '2025-06-01T00:00:00.000Z',
      at: '2025-06-09T16:00:00.000Z',
    });
    await replica.eventLog.batchInsert([event]);
    expect(await owner.value("SELECT day::text FROM analytics_daily_actives WHERE identity = 'u:4712'")).toBe(
      '2025-06-10',
    );
  });

  it('is forgotten after its age limit, and only then', async () => {
    const [old, young] = [sent(randomUUID(), 30), sent(randomUUID(), 30)];
    await replica.eventLog.batchInsert([old, young]);
    await owner.rows(
      "UPDATE analytics_event_corrections SET created_at = '2020-01-01T00:00:00Z' WHERE event_id = $1",
      [old.eventId.value],
    );
    expect(await replica.eventLog.removeCorrections(new Date('2020-01-01T00:00:00Z'))).toBe(0);
    expect(await replica.eventLog.removeCorrections(new Date('2020-01-01T00:00:00.001Z'))).toBe(1);
    expect(await replica.eventLog.batchInsert([young])).toEqual([false]);
  });
});

describe('the outbox', () => {
  it('gets a message for each session really inserted, and for nothing else', async () => {
    const user = eventAtNoon({
      userId: '9223372036854775807',
      installId: 'install-outbox-1',
      properties: { appVersion: '1.2.3', os: 'harmonyos', osVersion: '5', province: '广东', ignored: 1 },
    });
    const later = '2025-06-15T04:00:01.000Z';
    const nobody = eventAtNoon({ installId: '省-install-😀😀', at: later });
    const other = eventAtNoon({ userId: '7', eventName: 'song_played' });
    await replica.eventLog.batchInsert([user, nobody, other]);
    await replica.eventLog.batchInsert([nobody, user, other]);
    expect(await outboxOf([user, nobody, other])).toEqual([
      {
        id: user.eventId.value,
        aggregatetype: 'session',
        aggregateid: 'u:9223372036854775807',
        type: 'analytics.session.started',
        payload: {
          // A string: JavaScript and others would round a number.
          userId: '9223372036854775807',
          installId: 'install-outbox-1',
          occurredAt: NOON,
          metadata: { appVersion: '1.2.3', os: 'HarmonyOS', osVersion: '5' },
        },
        occurred_at: new Date(NOON),
      },
      {
        id: nobody.eventId.value,
        aggregatetype: 'session',
        aggregateid: 'i:省-install-😀😀',
        type: 'analytics.session.started',
        payload: { userId: null, installId: '省-install-😀😀', occurredAt: later, metadata: {} },
        occurred_at: new Date(later),
      },
    ]);
  });

  it('has the sessions of one flush in the order they happened, whatever order they were sent in', async () => {
    const events = Array.from({ length: 300 }, (_, i) =>
      eventAtNoon({ userId: String(1 + (i % 3)), at: new Date(Date.parse(NOON) + i * 1000).toISOString() }),
    );
    for (const size of [300, 20, 2]) {
      await owner.rows('DELETE FROM analytics_outbox');
      const batch = shuffled(seededRandom(size), events)
        .slice(0, size)
        .map((event) => eventAtNoon({ userId: event.userId!.toString(), at: event.eventTime.toISOString() }));
      await replica.eventLog.batchInsert(batch);
      const times = (await outboxOf(batch)).map((row) => (row['occurred_at'] as Date).getTime());
      expect(times).toHaveLength(size);
      expect(times.filter((time, i) => i > 0 && time < times[i - 1]!)).toEqual([]);
    }
  });
});

describe('what is stored', () => {
  it('is what was sent, to the last character', async () => {
    const properties: unknown = JSON.parse(
      `{"text":"引号 \\" \\\\ \\u2028 \\b 😀","empty":"","nothing":null,"yes":true,"numbers":[0,-1.5,1e21,1e-7,0.1,9007199254740993],
        "nested":{"a":[{"b":[[],{}]}],"":"no name"},"__proto__":{"x":1},"constructor":"c","null":"\\\\u0000","sql":"'); --"}`,
    );
    const event = eventAtNoon({ properties });
    await replica.eventLog.batchInsert([event]);
    const stored = (await owner.value(
      'SELECT properties::text FROM analytics_event_log WHERE event_id = $1',
      [event.eventId.value],
    )) as string;
    expect(sortedEntries(JSON.parse(stored))).toEqual(sortedEntries(properties));
  });

  it('tells no properties from empty ones', async () => {
    const [none, empty] = [eventAtNoon(), eventAtNoon({ properties: {} })];
    await replica.eventLog.batchInsert([none, empty]);
    expect((await storedRow(none)).properties).toBeNull();
    expect((await storedRow(empty)).properties).toEqual({});
  });

  it('holds ids and places of full length in characters of four bytes', async () => {
    const long = '😀'.repeat(128);
    const event = eventAtNoon({ installId: long, properties: { province: long, city: long } });
    expect(await replica.eventLog.batchInsert([event])).toEqual([true]);
    expect((await storedRow(event)).install_id).toBe(long);
    expect(
      await owner.rows(
        'SELECT level, place FROM analytics_daily_actives WHERE identity = $1 ORDER BY level',
        [`i:${long}`],
      ),
    ).toEqual([
      { level: 0, place: '' },
      { level: 1, place: long },
      { level: 2, place: long },
    ]);
    expect(await outboxOf([event])).toMatchObject([{ aggregateid: `i:${long}` }]);
  });

  it('keeps the largest user id and milliseconds', async () => {
    const event = eventAtNoon({ userId: '9223372036854775807', at: '2025-06-15T04:00:00.123Z' });
    await replica.eventLog.batchInsert([event]);
    expect(await storedRow(event)).toMatchObject({
      user_id: '9223372036854775807',
      event_time: new Date('2025-06-15T04:00:00.123Z'),
    });
  });
});

/** With keys in order and own keys only: `__proto__` included, which `toEqual` would not see. */
function sortedEntries(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedEntries);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, child]) => [key, sortedEntries(child)]);
}
