import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import type { EventLog } from '../../src/domain/entities/event-log.entity.js';
import type { InsertOutcome } from '../../src/domain/repositories/event-log.repository.interface.js';
import { clockSkewMs } from '../../src/domain/services/event-time.service.js';
import { eventLog, later, NOON, SECOND_MS, unixSeconds } from '../support/builders.js';
import { BUCKETS, bucketOf } from '../../src/infrastructure/persistence/citus/buckets.js';
import { countLockWaits } from '../support/citus/lock-waits.js';
import { createPlainDatabase, createTestDatabase, type TestDatabase } from '../support/database.js';
import { openReplica, type Replica } from '../support/persistence.js';
import { waitFor } from '../support/processes.js';
import { pick, seededRandom, shuffled } from '../support/random.js';
import { seed, seedClaim } from '../support/seed.js';
import { openSql, type Sql } from '../support/sql.js';
import { outboxOf, storedEvent, timesStored } from '../support/stored-events.js';

const RECEIVED_AT = new Date(NOON);
const DAY_SECONDS = 86_400;
/** Seconds that a device's clock may be behind from one attempt to the next; undefined without a `sentAt`. */
const SKEWS = [undefined, 0, 299, -299, 301, -301, 301.5, -DAY_SECONDS, DAY_SECONDS, 3 * DAY_SECONDS];

let database: TestDatabase;
let owner: Sql;
let replicas: Replica[];

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openSql(database.ownerUrl);
});

beforeEach(() => {
  replicas = [1, 2, 3].map(() => openReplica(database.serviceUrl));
});

afterEach(async () => {
  await Promise.all(replicas.map((replica) => replica.close()));
});

afterAll(async () => {
  await owner.close();
  await database.drop();
});

/** Returns an event as the service reads it from a request whose `sentAt` is `secondsBehind` its clock. */
function copyOf(eventId: string, secondsBehind: number | undefined, clientTime = RECEIVED_AT): EventLog {
  const sentAt = secondsBehind === undefined ? undefined : unixSeconds(RECEIVED_AT) - secondsBehind;
  const at = later(clientTime, clockSkewMs(sentAt, RECEIVED_AT));
  return eventLog({ eventId, installId: `install-${eventId}`, at, clientTime });
}

/** Sends a batch until it is answered, as a device does. */
async function send(replica: Replica, batch: readonly EventLog[]): Promise<InsertOutcome[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await replica.eventLog.batchInsert(batch);
    } catch (error) {
      if (attempt === 10) throw error;
    }
  }
}

/** Expects one log row, one active and one message for each event, all of one time. */
async function expectEachOnce(events: readonly EventLog[]): Promise<void> {
  expect(await timesStored(owner, events)).toEqual(events.map(() => 1));
  expect(await outboxOf(owner, events)).toHaveLength(events.length);
  const inOrder = <T>(all: readonly T[], keyOf: (one: T) => string) =>
    all.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const stored = await owner.rows<{ id: string; at: Date; identity: string; day: string }>(
    `SELECT event_id::text AS id, event_time AS at, 'i:' || install_id AS identity,
            (event_time AT TIME ZONE 'Asia/Shanghai')::date::text AS day
     FROM analytics_event_log WHERE event_id = ANY ($1::uuid[])`,
    [events.map(({ eventId }) => eventId.value)],
  );
  const messages = await owner.rows<{ id: string; at: Date }>(
    'SELECT id::text, occurred_at AS at FROM analytics_outbox WHERE id = ANY ($1::uuid[])',
    [stored.map(({ id }) => id)],
  );
  const actives = await owner.rows<{ identity: string; day: string }>(
    'SELECT identity, day::text FROM analytics_daily_actives WHERE level = 0 AND identity = ANY ($1)',
    [stored.map(({ identity }) => identity)],
  );
  expect(inOrder(messages, ({ id }) => id)).toEqual(
    inOrder(
      stored.map(({ id, at }) => ({ id, at })),
      ({ id }) => id,
    ),
  );
  expect(inOrder(actives, ({ identity }) => identity)).toEqual(
    inOrder(
      stored.map(({ identity, day }) => ({ identity, day })),
      ({ identity }) => identity,
    ),
  );
}

/** Waits until that many flushes wait for a transaction of another connection. */
const waitForWaitingFlushes = (count: number) => waitFor(async () => (await countLockWaits(owner)) === count);

/** Returns ids whose events share a bucket, where the tables have buckets: one flush stores them. */
function idOfOneBucket(): string {
  for (;;) {
    const id = randomUUID();
    if (bucketOf(copyOf(id, 0).dauIdentifier) === BUCKETS[0]) return id;
  }
}

describe('an event whose copies fall on both sides of the border of clock correction', () => {
  it.each([
    ['all at the same moment, one copy a request', 1, 1],
    ['all at the same moment, in batches of twenty', 2, 20],
    ['all at the same moment, in batches of two hundred', 3, 200],
  ])('is stored once: %s', async (_, seed, batchSize) => {
    const random = seededRandom(seed);
    const firsts: EventLog[] = [];
    const copies = Array.from({ length: 300 }, () => {
      const id = randomUUID();
      const clientTime = later(RECEIVED_AT, -Math.floor(random() * 3 * DAY_SECONDS) * SECOND_MS);
      const all = Array.from({ length: 2 + Math.floor(random() * 3) }, () =>
        copyOf(id, pick(random, SKEWS), clientTime),
      );
      firsts.push(all[0]!);
      return all;
    });
    const queues = replicas.map((replica, i) => {
      const own = shuffled(
        random,
        copies.flatMap((all) => all.filter((_copy, nth) => nth % replicas.length === i)),
      );
      return Array.from({ length: Math.ceil(own.length / batchSize) }, (_batch, nth) => ({
        replica,
        batch: own.slice(nth * batchSize, (nth + 1) * batchSize),
      }));
    });
    const answers = await Promise.all(
      queues.flat().map(async ({ replica, batch }) => {
        const isNew = await send(replica, batch);
        return batch.filter((_copy, i) => isNew[i]).map(({ eventId }) => eventId.value);
      }),
    );
    const accepted = answers.flat();
    expect(new Set(accepted).size).toBe(accepted.length);
    await expectEachOnce(firsts);
    for (const { replica, batch } of shuffled(random, queues.flat())) {
      expect(await send(replica, batch)).toEqual(batch.map(() => false));
    }
    await expectEachOnce(firsts);
  });

  it.each(SKEWS)(
    'is stored once at the time of its first copy, %s s behind, whatever follows',
    async (first) => {
      for (const second of SKEWS) {
        const id = randomUUID();
        const verdicts: unknown[] = [];
        for (const [i, behind] of [first, second, first].entries()) {
          verdicts.push(...(await send(replicas[i % 2]!, [copyOf(id, behind)])));
        }
        expect(verdicts).toEqual([true, false, false]);
        expect((await storedEvent(owner, copyOf(id, first))).event_time).toEqual(copyOf(id, first).eventTime);
        await expectEachOnce([copyOf(id, first)]);
      }
    },
  );
});

describe('an uncorrected copy whose flush has begun when the corrected copy arrives', () => {
  const [uncorrecting, correcting] = [0, 1];
  let early: EventLog;
  let late: EventLog;

  beforeEach(async () => {
    // The flush inserts in order of time, so it stops before or behind the event at a row of the owner's transaction.
    early = copyOf(idOfOneBucket(), 0, later(RECEIVED_AT, -SECOND_MS));
    late = copyOf(idOfOneBucket(), 0, later(RECEIVED_AT, SECOND_MS));
    for (const replica of replicas) await send(replica, [copyOf(randomUUID(), 0), copyOf(randomUUID(), 301)]);
  });

  const holdRowOf = async ({ eventId, eventTime, installId }: EventLog): Promise<void> => {
    await owner.rows('BEGIN');
    await seed(owner, 'analytics_event_log', [
      { event_id: eventId.value, event_time: eventTime, install_id: installId.value, event_name: 'x' },
    ]);
  };

  it('is stored once when the corrected copy is stored before it', async () => {
    const uncorrected = copyOf(idOfOneBucket(), 0);
    await holdRowOf(early);
    const first = send(replicas[uncorrecting]!, [early, uncorrected]);
    await waitForWaitingFlushes(1);
    expect(await send(replicas[correcting]!, [copyOf(uncorrected.eventId.value, 301)])).toEqual([true]);
    await owner.rows('ROLLBACK');
    expect(await first).toEqual([true, false]);
    await expectEachOnce([early, uncorrected]);
  });

  it('is stored once when it is inserted before the corrected copy and not yet committed', async () => {
    const uncorrected = copyOf(idOfOneBucket(), 0);
    await holdRowOf(late);
    const first = send(replicas[uncorrecting]!, [uncorrected, late]);
    await waitForWaitingFlushes(1);
    const second = send(replicas[correcting]!, [copyOf(uncorrected.eventId.value, 301)]);
    await waitForWaitingFlushes(2);
    await owner.rows('ROLLBACK');
    const [[isFirstNew], [isSecondNew]] = await Promise.all([first, second]);
    expect([isFirstNew, isSecondNew].filter(Boolean)).toHaveLength(1);
    await expectEachOnce([uncorrected, late]);
  });
});

describe('a corrected event whose process ended between its claim and its flush', () => {
  it.each([0, 301, 302, DAY_SECONDS])(
    'is stored at the claimed time by a copy %s s behind',
    async (seconds) => {
      const lost = copyOf(randomUUID(), 301);
      const { eventId, clientTime, eventTime } = lost;
      await seedClaim(
        owner,
        { event_id: eventId.value, client_time: clientTime, event_time: eventTime },
        lost.dauIdentifier,
      );
      const copy = copyOf(lost.eventId.value, seconds);
      expect(await send(replicas[0]!, [copy])).toEqual([true]);
      expect(await send(replicas[1]!, [copy])).toEqual([false]);
      expect((await storedEvent(owner, lost)).event_time).toEqual(lost.eventTime);
      await expectEachOnce([lost]);
    },
  );
});

describe('an event from a device whose clock shows a day without a partition', () => {
  it('is stored once, also when it is imported with that day', async () => {
    const id = randomUUID();
    const device = new Date('1971-01-01T00:00:00.000Z');
    const behind = (RECEIVED_AT.getTime() - device.getTime()) / SECOND_MS;
    expect(await send(replicas[0]!, [copyOf(id, behind, device)])).toEqual([true]);
    expect(await owner.value("SELECT to_regclass('analytics_event_log_p19710101')")).toBeNull();
    expect(await send(replicas[1]!, [copyOf(id, undefined, device)])).toEqual([false]);
    await expectEachOnce([copyOf(id, behind, device)]);
  });
});

describe('the check for claims that a snapshot does not show', () => {
  // The function belongs to the statement for one server.
  let plain: TestDatabase;
  let owner: Sql;
  let other: Sql;

  beforeAll(async () => {
    plain = await createPlainDatabase();
    [owner, other] = await Promise.all([openSql(plain.ownerUrl), openSql(plain.ownerUrl)]);
  });

  afterAll(async () => {
    await Promise.all([owner.close(), other.close()]);
    await plain.drop();
  });

  const claim = (sql: Sql, id: string) =>
    seedClaim(sql, { event_id: id, client_time: new Date(), event_time: new Date() }, 'u:1');
  const check = (id: string, seen: unknown) =>
    owner.value('SELECT analytics_refuse_late_claims(ARRAY[$1::uuid], $2::text::pg_snapshot)', [id, seen]);

  it('fails for a claim whose transaction began before the snapshot and ended after it', async () => {
    const [before, during, after] = [randomUUID(), randomUUID(), randomUUID()];
    await claim(other, before);
    await other.rows('BEGIN');
    await claim(other, during);
    const seen = await owner.value('SELECT pg_current_snapshot()::text');
    expect(await check(during, seen)).toBe(false);
    await other.rows('COMMIT');
    await claim(other, after);
    expect(await check(before, seen)).toBe(false);
    expect(await check(randomUUID(), seen)).toBe(false);
    for (const id of [during, after]) await expect(check(id, seen)).rejects.toMatchObject({ code: '40001' });
  });

  it('ignores numbers of a database that was restored from another server', async () => {
    const [restored, seen] = [randomUUID(), await owner.value('SELECT pg_current_snapshot()::text')];
    await claim(owner, restored);
    await owner.rows(
      'UPDATE analytics_event_corrections SET claimed_in = 1::bigint << 40 WHERE event_id = $1',
      [restored],
    );
    expect(await check(restored, seen)).toBe(false);
  });
});
