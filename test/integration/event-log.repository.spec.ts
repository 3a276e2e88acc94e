import { randomUUID } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import { eventAtNoon, NOON, uncheckedInstallId } from '../support/builders.js';
import { countLockWaits } from '../support/citus/lock-waits.js';
import { rejectionOf } from '../support/failures.js';
import type { Replica } from '../support/persistence.js';
import { waitFor } from '../support/processes.js';
import { pick, seededRandom, shuffled } from '../support/random.js';
import type { Sql } from '../support/sql.js';
import { outboxOf, storedEvent, timesStored } from '../support/stored-events.js';
import { useReplicas } from '../support/use-replicas.js';

const REPLICAS = 5;

let owner: Sql;
let replicas: readonly Replica[];
let replica: Replica;

useReplicas(REPLICAS, (stage) => {
  ({ owner, replicas } = stage);
  replica = replicas[0]!;
});

describe('EventLogRepositoryImpl', () => {
  it('connects as the service and not as the owner', async () => {
    const [row] = await replica.prisma.forRequest(
      (prisma) => prisma.$queryRaw<{ superuser: boolean; member: boolean }[]>`
        SELECT rolsuper AS superuser, pg_has_role(current_user, 'analytics_service', 'MEMBER') AS member
        FROM pg_roles WHERE rolname = current_user`,
    );
    expect(row).toEqual({ superuser: false, member: true });
  });

  it('returns which events were new', async () => {
    const [a, b, c] = [
      eventAtNoon(),
      eventAtNoon({ eventName: 'song_played' }),
      eventAtNoon({ userId: '42' }),
    ];
    expect(await replica.eventLog.batchInsert([a, b])).toEqual([true, true]);
    expect(await replica.eventLog.batchInsert([b, c, a])).toEqual([false, true, false]);
    expect(await timesStored(owner, [a, b, c])).toEqual([1, 1, 1]);
  });

  it('stores nothing for no events', async () => {
    expect(await replica.eventLog.batchInsert([])).toEqual([]);
  });

  it('stores the first of two events with one id in one batch', async () => {
    const id = randomUUID();
    const first = eventAtNoon({ eventId: id, installId: 'the-first-one' });
    const second = eventAtNoon({ eventId: id, installId: 'the-second-one', at: '2025-06-15T05:00:00.000Z' });
    expect(await replica.eventLog.batchInsert([eventAtNoon(), first, second, first])).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(await timesStored(owner, [first])).toEqual([1]);
    expect(await storedEvent(owner, first)).toMatchObject({
      install_id: 'the-first-one',
      event_time: new Date(NOON),
    });
    expect(await outboxOf(owner, [first])).toHaveLength(1);
  });

  it('returns the results of each of many callers for its own events', async () => {
    const batches = Array.from({ length: 30 }, (_, i) => Array.from({ length: i % 7 }, () => eventAtNoon()));
    const answers = await Promise.all(batches.map((batch) => replica.eventLog.batchInsert(batch)));
    expect(answers.map((answer) => answer.length)).toEqual(batches.map((batch) => batch.length));
    expect(answers.flat().every(Boolean)).toBe(true);
    const again = await Promise.all(batches.map((batch) => replica.eventLog.batchInsert(batch)));
    expect(again.flat().some(Boolean)).toBe(false);
  });

  it('stores a batch once that twenty callers on several replicas send at the same moment', async () => {
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
    expect(await timesStored(owner, batch)).toEqual(batch.map(() => 1));
    expect(await outboxOf(owner, batch)).toHaveLength(80);
  });

  it('stores every event once when overlapping batches arrive in different orders at the same moment', async () => {
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
    const stored = await timesStored(owner, events);
    expect(stored.every((n) => n <= 1)).toBe(true);
    expect(stored.filter((n) => n === 1)).toHaveLength(accepted.length);
  });

  it('avoids deadlocks between replicas that store the same events in opposite orders', async () => {
    // Each replica connects and caches the day first, so that only the flushes compete.
    await Promise.all(replicas.map((r) => r.eventLog.batchInsert([eventAtNoon()])));
    for (let round = 0; round < 4; round++) {
      const events = Array.from({ length: 300 }, (_, i) =>
        eventAtNoon({
          userId: String(10_000 + i),
          at: new Date(Date.parse(NOON) + i).toISOString(),
          // One round has corrections; in the others their locks would keep the replicas apart.
          clientTime: round === 0 && i % 3 === 0 ? '2025-01-01T00:00:00.000Z' : undefined,
          properties: { city: `市${i}` },
        }),
      );
      const reversed = [...events].reverse();
      // The lock holds every replica at the same point, so that their flushes run in parallel.
      await owner.rows('BEGIN');
      await owner.rows('LOCK TABLE analytics_event_log IN SHARE MODE');
      const answers = Promise.all(
        replicas.map((r, i) => r.eventLog.batchInsert(i % 2 === 0 ? events : reversed)),
      );
      await waitFor(async () => (await countLockWaits(owner)) >= REPLICAS).finally(() =>
        owner.rows('COMMIT'),
      );
      expect((await answers).flat().filter(Boolean)).toHaveLength(events.length);
    }
  });

  it('rejects only the caller whose data the database rejects', async () => {
    // One user's events go into one flush, also where the tables have buckets.
    const good = eventAtNoon({ userId: '9' });
    const bad = eventAtNoon({ userId: '9', installId: uncheckedInstallId('x'.repeat(129)) });
    const beside = eventAtNoon({ userId: '9' });
    const results = await Promise.allSettled([
      replica.eventLog.batchInsert([good]),
      replica.eventLog.batchInsert([beside, bad]),
      replica.eventLog.batchInsert([good]),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[0]).toEqual({ status: 'fulfilled', value: [true] });
    expect(results[2]).toEqual({ status: 'fulfilled', value: [false] });
    // The caller at fault stores nothing.
    expect(await timesStored(owner, [good, beside, bad])).toEqual([1, 0, 0]);
    expect(await outboxOf(owner, [beside, bad])).toEqual([]);
    expect(await replica.eventLog.batchInsert([beside])).toEqual([true]);
  });

  it('rejects a batch above its capacity at once and accepts it later', async () => {
    // Each bucket has an eighth of the capacity of one server.
    const size = owner.isDistributed ? 1125 : 9000;
    const ofOneUser = () =>
      Array.from({ length: size }, (_, i) =>
        eventAtNoon({ userId: '9', installId: `install-${i}`, eventName: 'song_played' }),
      );
    const [batch, more] = [ofOneUser(), ofOneUser()];
    const underWay = [replica.eventLog.batchInsert(batch), replica.eventLog.batchInsert(more)];
    expect(
      await rejectionOf(replica.eventLog.batchInsert(batch.slice(0, Math.ceil(size / 4)))),
    ).toMatchObject({
      code: 'overloaded',
      kind: 'unavailable',
    });
    await Promise.all(underWay);
    expect(await replica.eventLog.batchInsert(batch.slice(0, 2))).toEqual([false, false]);
  });
});
