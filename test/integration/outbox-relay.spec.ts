import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import type { EventLog } from '../../src/domain/entities/event-log.entity.js';
import { OutboxRelay } from '../../src/infrastructure/kafka/outbox-relay.service.js';
import { outboxRowsTotal } from '../../src/shared/metrics/metrics.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { waitFor } from '../support/processes.js';
import { aSession, NOON } from './support/events.js';
import { gate, rejectionOf } from './support/failures.js';
import { openReplica, openSql, type Replica, type Sql } from './support/persistence.js';
import { RecordingTransport } from './support/transports.js';

// Outages are part of what is tested here; their warnings are of no interest.
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
  relay = new OutboxRelay(replica.prisma, transport);
});

afterEach(async () => {
  await relay.beforeApplicationShutdown();
  await Promise.all([replica.close(), other.close()]);
  await owner.rows('DELETE FROM analytics_outbox');
});

afterAll(async () => {
  await owner.close();
  await database.drop();
});

const waiting = () => owner.value('SELECT count(*)::int FROM analytics_outbox');

/** Sessions that are in the outbox now, oldest first, and their ids in that order. */
async function store(count: number): Promise<string[]> {
  const sessions: EventLog[] = Array.from({ length: count }, (_, i) =>
    aSession({ user: String(i + 1), at: new Date(Date.parse(NOON) + i).toISOString() }),
  );
  await replica.eventLog.batchInsert(sessions);
  return sessions.map(({ eventId }) => eventId.value);
}

const refuse = () => Promise.reject(new Error('the broker is away'));

describe('the outbox relay', () => {
  it('sends what waits in order, and removes it', async () => {
    const ids = await store(1_234);
    expect(await relay.processAll()).toBe(1_234);
    expect(transport.ids).toEqual(ids);
    expect(transport.sent[0]).toEqual({
      eventId: ids[0],
      eventType: 'analytics.session.started',
      subject: 'u:1',
      occurredAt: new Date(NOON),
      payload: { userId: '1', installId: 'install-00000001', occurredAt: NOON, metadata: {} },
    });
    expect(await waiting()).toBe(0);
    expect(await relay.processAll()).toBe(0);
  });

  it('sends nothing twice when batches are exactly full', async () => {
    const ids = await store(1_000);
    expect(await relay.processAll()).toBe(1_000);
    expect(transport.ids).toEqual(ids);
  });

  it('keeps every row of a batch that was not acknowledged', async () => {
    const ids = await store(700);
    let batches = 0;
    transport.beforeSend = () => (++batches === 2 ? refuse() : Promise.resolve());
    expect(await rejectionOf(relay.processAll())).toMatchObject({ message: 'the broker is away' });
    expect(transport.ids).toEqual(ids.slice(0, 500));
    expect(await waiting()).toBe(200);
    expect(await relay.processAll()).toBe(200);
    expect(transport.ids).toEqual(ids);
  });

  it('sends again, under the same id, what was sent but not removed', async () => {
    const ids = await store(3);
    const cut = () =>
      owner.rows(
        `SELECT pg_terminate_backend(pid) FROM pg_locks
         WHERE relation = 'analytics_outbox'::regclass AND mode = 'RowShareLock' AND pid <> pg_backend_pid()`,
      );
    transport.beforeSend = async () => {
      await cut();
    };
    expect(await rejectionOf(relay.processAll())).toMatchObject({ code: 'database_unavailable' });
    expect(transport.ids).toEqual(ids);
    expect(await waiting()).toBe(3);
    transport.beforeSend = () => Promise.resolve();
    expect(await relay.processAll()).toBe(3);
    expect(transport.ids).toEqual([...ids, ...ids]);
  });

  it('shares the rows with other replicas: each is sent by one of them', async () => {
    const ids = await store(2_000);
    const others = new RecordingTransport();
    const sent = await Promise.all([relay.processAll(), new OutboxRelay(other.prisma, others).processAll()]);
    // A relay that finds the rest locked leaves it to the other.
    expect(sent[0] + sent[1]).toBe(2_000);
    expect([...transport.ids, ...others.ids].sort()).toEqual([...ids].sort());
    expect(await waiting()).toBe(0);
  });

  it('does not wait for rows that another replica is sending', async () => {
    const ids = await store(600);
    const [sending, acknowledged] = [gate(), gate()];
    transport.beforeSend = () => {
      sending.open();
      return acknowledged.opened;
    };
    const slow = relay.processAll();
    await sending.opened;
    const others = new RecordingTransport();
    expect(await new OutboxRelay(other.prisma, others).processAll()).toBe(100);
    expect(others.ids).toEqual(ids.slice(500));
    acknowledged.open();
    expect(await slow).toBe(500);
  });

  // KNOWN GAP: replicas share a backlog by skipping each other's locked rows, so later messages of a subject can be
  // published before earlier ones as soon as more than one batch waits.
  it.failing('KNOWN GAP: keeps the order of each subject when replicas share the rows', async () => {
    const sessions = Array.from({ length: 600 }, (_, i) =>
      aSession({ user: '1', at: new Date(Date.parse(NOON) + i).toISOString() }),
    );
    await replica.eventLog.batchInsert(sessions);
    const [sending, acknowledged] = [gate(), gate()];
    transport.beforeSend = () => {
      sending.open();
      return acknowledged.opened;
    };
    const slow = relay.processAll();
    await sending.opened;
    const others = new RecordingTransport();
    await new OutboxRelay(other.prisma, others).processAll();
    const early = others.ids;
    acknowledged.open();
    await slow;
    expect([...early, ...transport.ids]).toEqual(sessions.map(({ eventId }) => eventId.value));
  });

  it('does not hold up what is written meanwhile', async () => {
    await store(10);
    const [sending, acknowledged] = [gate(), gate()];
    transport.beforeSend = () => {
      sending.open();
      return acknowledged.opened;
    };
    const slow = relay.processAll();
    await sending.opened;
    expect(await store(5)).toHaveLength(5);
    acknowledged.open();
    await slow;
    expect(await waiting()).toBe(5);
  });

  it('counts what it has sent', async () => {
    const published = async () =>
      (await outboxRowsTotal.get()).values.find(({ labels }) => labels.outcome === 'published')?.value ?? 0;
    const before = await published();
    await store(7);
    await relay.processAll();
    expect((await published()) - before).toBe(7);
  });
});

describe('the outbox relay, left to itself', () => {
  it('sends what waits at its start, and what comes later', async () => {
    const first = await store(3);
    relay.onApplicationBootstrap();
    await waitFor(() => transport.ids.length === 3);
    const later = await store(2);
    await waitFor(() => transport.ids.length === 5);
    expect(transport.ids).toEqual([...first, ...later]);
  });

  it('tries again by itself after a failure', async () => {
    const ids = await store(3);
    let attempts = 0;
    transport.beforeSend = () => (++attempts === 1 ? refuse() : Promise.resolve());
    relay.onApplicationBootstrap();
    await waitFor(() => transport.ids.length === 3);
    expect(transport.ids).toEqual(ids);
    expect(attempts).toBe(2);
  });

  it('ends with the batch that is under way, and starts no other', async () => {
    await store(800);
    const [sending, acknowledged] = [gate(), gate()];
    transport.beforeSend = () => {
      sending.open();
      return acknowledged.opened;
    };
    relay.onApplicationBootstrap();
    await sending.opened;
    let ended = false;
    const end = relay.beforeApplicationShutdown().then(() => (ended = true));
    await store(1);
    expect(ended).toBe(false);
    acknowledged.open();
    await end;
    expect(transport.batches).toHaveLength(1);
    expect(await waiting()).toBe(301);
  });

  it('does nothing when it is ended before it began', async () => {
    await store(1);
    relay.onApplicationBootstrap();
    await relay.beforeApplicationShutdown();
    expect(await waiting()).toBe(1);
  });
});
