import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { eventAtNoon, NOON } from '../support/builders.js';
import { usersOfOneBucket } from '../support/citus/tables.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { openReplica, type Replica } from '../support/persistence.js';
import { seededRandom, shuffled } from '../support/random.js';
import { openSql, type Row, type Sql } from '../support/sql.js';
import { outboxOf, storedEvent } from '../support/stored-events.js';

let database: TestDatabase;
let owner: Sql;
let replica: Replica;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openSql(database.ownerUrl);
  replica = openReplica(database.serviceUrl);
});

afterAll(async () => {
  await replica.close();
  await owner.close();
  await database.drop();
});

describe('the outbox', () => {
  it('receives a message for each inserted session and for no other event', async () => {
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
    const messages = await outboxOf(owner, [user, nobody, other]);
    const timeOf = (message: Row) => (message['occurred_at'] as Date).getTime();
    // Messages of two subjects have no order among each other.
    expect(messages.toSorted((a, b) => timeOf(a) - timeOf(b))).toEqual([
      {
        id: user.eventId.value,
        aggregatetype: 'session',
        aggregateid: 'u:9223372036854775807',
        type: 'analytics.session.started',
        payload: {
          // The user id is a string, because JavaScript would round a number.
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

  it('keeps the sessions of one flush in order of time, whatever order they were sent in', async () => {
    const users = usersOfOneBucket(3);
    const events = Array.from({ length: 300 }, (_, i) =>
      eventAtNoon({ userId: users[i % 3]!, at: new Date(Date.parse(NOON) + i * 1000).toISOString() }),
    );
    for (const size of [300, 20, 2]) {
      await owner.rows('DELETE FROM analytics_outbox');
      const batch = shuffled(seededRandom(size), events)
        .slice(0, size)
        .map((event) => eventAtNoon({ userId: event.userId!.toString(), at: event.eventTime.toISOString() }));
      await replica.eventLog.batchInsert(batch);
      const times = (await outboxOf(owner, batch)).map((row) => (row['occurred_at'] as Date).getTime());
      expect(times).toHaveLength(size);
      expect(times.filter((time, i) => i > 0 && time < times[i - 1]!)).toEqual([]);
    }
  });
});

describe('a stored event', () => {
  it('keeps its properties to the last character', async () => {
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

  it('distinguishes missing properties from empty ones', async () => {
    const [none, empty] = [eventAtNoon(), eventAtNoon({ properties: {} })];
    await replica.eventLog.batchInsert([none, empty]);
    expect((await storedEvent(owner, none)).properties).toBeNull();
    expect((await storedEvent(owner, empty)).properties).toEqual({});
  });

  it('keeps ids and places of full length in characters of four bytes', async () => {
    const long = '😀'.repeat(128);
    const event = eventAtNoon({ installId: long, properties: { province: long, city: long } });
    expect(await replica.eventLog.batchInsert([event])).toEqual([true]);
    expect((await storedEvent(owner, event)).install_id).toBe(long);
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
    expect(await outboxOf(owner, [event])).toMatchObject([{ aggregateid: `i:${long}` }]);
  });

  it('keeps the largest user id and milliseconds', async () => {
    const event = eventAtNoon({ userId: '9223372036854775807', at: '2025-06-15T04:00:00.123Z' });
    await replica.eventLog.batchInsert([event]);
    expect(await storedEvent(owner, event)).toMatchObject({
      user_id: '9223372036854775807',
      event_time: new Date('2025-06-15T04:00:00.123Z'),
    });
  });
});

/** Sorts the own keys, `__proto__` included, which `toEqual` ignores. */
function sortedEntries(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedEntries);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, child]) => [key, sortedEntries(child)]);
}
