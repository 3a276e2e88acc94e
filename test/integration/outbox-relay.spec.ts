import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Gauge } from 'prom-client';

import type { EventLog } from '../../src/domain/entities/event-log.entity.js';
import { OutboxRelay } from '../../src/infrastructure/outbox/outbox-relay.service.js';
import type { OutboundMessage } from '../../src/infrastructure/outbox/event-transport.js';
import { outboxOldestSeconds, outboxRowsTotal, outboxWaitingRows } from '../../src/shared/metrics/metrics.js';
import { lanesOf } from '../support/citus/tables.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { sleep, spawnTypeScript, waitFor } from '../support/processes.js';
import { eventAtNoon, NOON } from '../support/builders.js';
import { RecordingTransport } from '../support/contracts/event-transport/fake.js';
import { gate, type Gate } from '../support/deferred.js';
import { rejectionOf } from '../support/failures.js';
import { emptyOutbox, openReplica, type Replica } from '../support/persistence.js';
import { seed } from '../support/seed.js';
import { openSql, type Sql } from '../support/sql.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

let database: TestDatabase;
let owner: Sql;
let replica: Replica;
let other: Replica;
let transport: RecordingTransport;
let relay: OutboxRelay;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openSql(database.ownerUrl);
});

beforeEach(() => {
  replica = openReplica(database.serviceUrl);
  other = openReplica(database.serviceUrl);
  transport = new RecordingTransport();
  relay = new OutboxRelay(replica.outbox, transport);
});

afterEach(async () => {
  await relay.beforeApplicationShutdown();
  await Promise.all([replica.close(), other.close()]);
  await emptyOutbox(owner);
});

afterAll(async () => {
  await owner.close();
  await database.drop();
});

const waiting = () => owner.value('SELECT count(*)::int FROM analytics_outbox');

/** Stores sessions and returns their ids in order of time. */
async function store(count: number, user: (i: number) => number = (i) => i + 1): Promise<string[]> {
  const sessions: EventLog[] = Array.from({ length: count }, (_, i) =>
    eventAtNoon({ userId: String(user(i)), at: new Date(Date.parse(NOON) + i).toISOString() }),
  );
  await replica.eventLog.batchInsert(sessions);
  return sessions.map(({ eventId }) => eventId.value);
}

/** Stores sessions of one user, and therefore of one lane. */
const storeOfOne = (count: number) => store(count, () => 1);

/** Makes each batch wait for its acknowledgement. */
function holdSending(): { sending: Gate; acknowledged: Gate } {
  const [sending, acknowledged] = [gate(), gate()];
  transport.beforeSend = () => {
    sending.open();
    return acknowledged.opened;
  };
  return { sending, acknowledged };
}

const refuse = () => Promise.reject(new Error('the broker is away'));

/** Returns the ids of each subject in the order of sending. */
function bySubject(messages: readonly OutboundMessage[]): Map<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const { subject, eventId } of messages) ids.set(subject, [...(ids.get(subject) ?? []), eventId]);
  return ids;
}

const lanes = () => owner.rows('SELECT * FROM analytics_outbox_lanes ORDER BY lane');
const lanesInUse = async () =>
  Number(await owner.value('SELECT count(DISTINCT lane)::int FROM analytics_outbox'));

describe('the outbox relay', () => {
  it('sends waiting messages in the order of each subject and deletes them', async () => {
    const ids = await store(3_000, (i) => (i % 60) + 1);
    expect(await lanesInUse()).toBe(lanesOf(database.ownerUrl).length);
    expect(await relay.processAll()).toBe(3_000);
    expect([...transport.ids].sort()).toEqual([...ids].sort());
    const sent = bySubject(transport.sent);
    for (let user = 1; user <= 60; user++) {
      expect(sent.get(`u:${user}`)).toEqual(ids.filter((_, i) => (i % 60) + 1 === user));
    }
    expect(await waiting()).toBe(0);
    expect(await relay.processAll()).toBe(0);
  });

  it('sends every field of a message', async () => {
    const [id] = await store(1);
    await relay.processAll();
    expect(transport.sent).toEqual([
      {
        eventId: id,
        eventType: 'analytics.session.started',
        subject: 'u:1',
        occurredAt: new Date(NOON),
        payload: { userId: '1', installId: 'install-00000001', occurredAt: NOON, metadata: {} },
      },
    ]);
  });

  it('sends a lane in batches, and no message twice when the last batch is full', async () => {
    const ids = await storeOfOne(2_000);
    expect(await relay.processAll()).toBe(2_000);
    expect(transport.ids).toEqual(ids);
    expect(transport.batches.map(({ length }) => length)).toEqual([1_000, 1_000]);
  });

  it('keeps every row of an unacknowledged batch', async () => {
    const ids = await storeOfOne(1_700);
    let batches = 0;
    transport.beforeSend = () => (++batches === 2 ? refuse() : Promise.resolve());
    expect(await relay.processAll()).toBe(1_000);
    expect(transport.ids).toEqual(ids.slice(0, 1_000));
    expect(await waiting()).toBe(700);
    expect(await relay.processAll()).toBe(700);
    expect(transport.ids).toEqual(ids);
  });

  it('leaves a lane to the next pass that failed while another sender asked for lanes', async () => {
    await storeOfOne(3);
    const lane = Number(await owner.value('SELECT lane FROM analytics_outbox LIMIT 1'));
    const known = [[], [lane]];
    const batch = await replica.outbox.publishBatch(
      { limit: 10, eager: true, except: { has: (one) => one === lane, keys: () => known.shift() ?? [] } },
      () => Promise.reject(new Error('the lane must not be taken')),
    );
    expect(batch).toBeNull();
    expect(await waiting()).toBe(3);
  });

  it('rejects with the cause of a failed send and stores it with the lane', async () => {
    await storeOfOne(1);
    transport.beforeSend = refuse;
    expect(await rejectionOf(relay.processAll())).toMatchObject({ message: 'the broker is away' });
    expect(await rejectionOf(relay.processAll())).toMatchObject({ message: 'the broker is away' });
    const failed = (await lanes()).filter(({ failures }) => failures !== 0);
    expect(failed).toMatchObject([
      {
        failures: expect.any(Number),
        last_error: 'Error: the broker is away',
        retry_at: expect.any(Date),
        published_at: null,
      },
    ]);
    expect(failed[0]?.['failures']).toBeGreaterThanOrEqual(2);
    transport.beforeSend = () => Promise.resolve();
    expect(await relay.processAll()).toBe(1);
    expect((await lanes()).find(({ lane }) => lane === failed[0]?.['lane'])).toMatchObject({
      failures: 0,
      retry_at: null,
      last_error: 'Error: the broker is away',
      published_at: expect.any(Date),
    });
  });

  it('continues with the other lanes when one fails', async () => {
    await store(200);
    const stuck = await owner.value('SELECT lane FROM analytics_outbox WHERE aggregateid = $1', ['u:1']);
    const inLane = Number(
      await owner.value('SELECT count(*)::int FROM analytics_outbox WHERE lane = $1', [stuck]),
    );
    transport.beforeSend = (messages) =>
      messages.some(({ subject }) => subject === 'u:1') ? refuse() : Promise.resolve();
    expect(await relay.processAll()).toBe(200 - inLane);
    expect(await waiting()).toBe(inLane);
  });

  it('sends a message again under the same id when its row was not deleted', async () => {
    const ids = await storeOfOne(3);
    const cut = () =>
      owner.rows(
        `SELECT pg_terminate_backend(pid) FROM pg_locks
         WHERE relation = 'analytics_outbox_lanes'::regclass AND mode = 'RowShareLock' AND pid <> pg_backend_pid()`,
      );
    transport.beforeSend = async () => {
      await cut();
    };
    expect(await rejectionOf(relay.processAll())).toMatchObject({ code: 'database_unavailable' });
    // A second sender may have taken the lane that the first one lost.
    const before = transport.batches.length;
    expect(transport.batches.map((batch) => batch.map(({ eventId }) => eventId))).toEqual(
      new Array(before).fill(ids),
    );
    expect(await waiting()).toBe(3);
    transport.beforeSend = () => Promise.resolve();
    // The pool may still hold another connection that was cut.
    await waitFor(async () => {
      await relay.processAll();
      return (await waiting()) === 0;
    });
    expect(transport.batches).toHaveLength(before + 1);
    expect(transport.batches.at(-1)?.map(({ eventId }) => eventId)).toEqual(ids);
    expect(await waiting()).toBe(0);
  });

  it('shares the lanes with other replicas, each message once', async () => {
    const ids = await store(8_000, (i) => (i % 100) + 1);
    const others = new RecordingTransport();
    const log: OutboundMessage[] = [];
    // No send completes before both replicas hold a lane, so neither can take every lane alone.
    const [own, foreign] = [gate(), gate()];
    for (const [each, sending] of [
      [transport, own],
      [others, foreign],
    ] as const) {
      each.beforeSend = async (messages) => {
        log.push(...messages);
        sending.open();
        await Promise.all([own.opened, foreign.opened]);
      };
    }
    await Promise.all([relay.processAll(), new OutboxRelay(other.outbox, others).processAll()]);
    expect([...transport.ids, ...others.ids].sort()).toEqual([...ids].sort());
    expect(Math.min(transport.ids.length, others.ids.length)).toBeGreaterThan(0);
    expect(await waiting()).toBe(0);
    // The messages of a subject keep their order across both replicas.
    const sent = bySubject(log);
    for (let user = 1; user <= 100; user++) {
      expect(sent.get(`u:${user}`)).toEqual(ids.filter((_, i) => (i % 100) + 1 === user));
    }
  });

  it('skips a lane that another replica is sending', async () => {
    const ids = await storeOfOne(2_500);
    const { sending, acknowledged } = holdSending();
    const slow = relay.processAll();
    await sending.opened;
    const others = new RecordingTransport();
    expect(await new OutboxRelay(other.outbox, others).processAll()).toBe(0);
    acknowledged.open();
    expect(await slow).toBe(2_500);
    expect(transport.ids).toEqual(ids);
  });

  it('takes over the lane of a frozen relay', async () => {
    const ids = await storeOfOne(2);
    const stuck = spawnTypeScript(new URL('../support/fixtures/stuck-relay.ts', import.meta.url), [], {
      env: { ...process.env, DATABASE_URL: database.serviceUrl, MAX_BATCH_MS: '1000' },
    });
    try {
      await waitFor(() => stuck.lines.includes('holding 2'), 15_000);
      stuck.child.kill('SIGSTOP');
      expect(await relay.processAll()).toBe(0);
      await waitFor(async () => (await relay.processAll()) === 2, 20_000, { intervalMs: 250 });
      expect(transport.ids).toEqual(ids);
    } finally {
      stuck.child.kill('SIGKILL');
      await stuck.exited;
    }
  });

  it('does not block inserts while a batch is in flight', async () => {
    await storeOfOne(10);
    const { sending, acknowledged } = holdSending();
    const slow = relay.processAll();
    await sending.opened;
    expect(await storeOfOne(5)).toHaveLength(5);
    expect(await waiting()).toBe(15);
    acknowledged.open();
    await slow;
  });

  it('sends a message whose transaction commits after a later sequence number', async () => {
    const late = await openSql(database.ownerUrl);
    await late.rows('BEGIN');
    await seed(late, 'analytics_outbox', [
      {
        id: '00000000-0000-4000-8000-00000000001a',
        aggregatetype: 'session',
        aggregateid: 'u:1',
        type: 'analytics.session.started',
        payload: {},
        occurred_at: new Date(),
      },
    ]);
    const ids = await storeOfOne(2);
    expect(await relay.processAll()).toBe(2);
    await late.rows('COMMIT');
    await late.close();
    expect(await relay.processAll()).toBe(1);
    expect(transport.ids).toEqual([...ids, '00000000-0000-4000-8000-00000000001a']);
    expect(await waiting()).toBe(0);
  });

  it('counts published messages', async () => {
    const published = async () =>
      (await outboxRowsTotal.get()).values.find(({ labels }) => labels.outcome === 'published')?.value ?? 0;
    const before = await published();
    await store(7);
    await relay.processAll();
    expect((await published()) - before).toBe(7);
  });
});

describe('the status of the outbox lanes', () => {
  it('reports waiting messages and their age for each lane', async () => {
    await store(40);
    await owner.rows(
      `UPDATE analytics_outbox SET created_at = now() - interval '90 s' WHERE aggregateid = 'u:1'`,
    );
    const status = await replica.outbox.readStatus(null);
    expect(status.map(({ lane }) => lane)).toEqual(lanesOf(database.ownerUrl));
    expect(status.reduce((sum, { waiting: n }) => sum + n, 0)).toBe(40);
    expect(Math.max(...status.map(({ oldestSeconds }) => oldestSeconds ?? 0))).toBeGreaterThanOrEqual(90);
    expect((await replica.outbox.readStatus(2)).every(({ waiting: n }) => n <= 2)).toBe(true);
    await relay.processAll();
    for (const lane of await replica.outbox.readStatus(null)) {
      expect(lane).toMatchObject({ waiting: 0, oldestSeconds: null, failures: 0, lastError: null });
    }
  });
});

describe('the outbox relay in the background', () => {
  it('reports the number and the age of waiting messages as metrics', async () => {
    const read = async (gauge: Gauge) => (await gauge.get()).values[0]?.value;
    await store(12);
    await owner.rows(
      `UPDATE analytics_outbox SET created_at = now() - interval '75 s' WHERE aggregateid = 'u:3'`,
    );
    const sending = gate();
    transport.beforeSend = () => sending.opened.then(refuse);
    relay.startWork();
    await waitFor(async () => (await read(outboxWaitingRows)) === 12);
    expect(await read(outboxOldestSeconds)).toBeGreaterThanOrEqual(75);
    sending.open();
  });

  it('sends messages from before its start and messages from after it', async () => {
    const first = await store(3);
    relay.startWork();
    await waitFor(() => transport.ids.length === 3);
    const later = await store(2);
    await waitFor(() => transport.ids.length === 5);
    expect([...transport.ids.slice(0, 3)].sort()).toEqual([...first].sort());
    expect([...transport.ids.slice(3)].sort()).toEqual([...later].sort());
  });

  it('retries after a failure', async () => {
    const ids = await storeOfOne(3);
    let attempts = 0;
    transport.beforeSend = () => (++attempts === 1 ? refuse() : Promise.resolve());
    relay.startWork();
    await waitFor(() => transport.ids.length === 3);
    expect(transport.ids).toEqual(ids);
    expect(attempts).toBe(2);
  });

  it('collects a trickle of messages into few batches', async () => {
    await storeOfOne(1);
    relay.startWork();
    await waitFor(() => transport.ids.length === 1);
    const started = performance.now();
    for (let i = 0; i < 20; i++) {
      await storeOfOne(1);
      await sleep(20);
    }
    await waitFor(() => transport.ids.length === 21);
    // The relay polls every 500 ms; a busy machine that stores more slowly sees more polls.
    const polls = (performance.now() - started) / 500;
    expect(transport.batches.length).toBeLessThan(Math.max(8, polls + 3));
  });

  it('finishes the batch in flight at shutdown and starts no other', async () => {
    await storeOfOne(1_800);
    const { sending, acknowledged } = holdSending();
    relay.startWork();
    await sending.opened;
    let ended = false;
    const end = relay.beforeApplicationShutdown().then(() => (ended = true));
    await storeOfOne(1);
    expect(ended).toBe(false);
    acknowledged.open();
    await end;
    expect(transport.batches).toHaveLength(1);
    expect(transport.closed).toBe(transport.opened);
    expect(await waiting()).toBe(801);
  });

  it('does nothing when it is shut down before it begins', async () => {
    await store(1);
    relay.startWork();
    await relay.beforeApplicationShutdown();
    expect(await waiting()).toBe(1);
  });
});
