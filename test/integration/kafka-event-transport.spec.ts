import { randomUUID } from 'node:crypto';

import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { DailyActiveStats } from '../../src/domain/aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import { HeartbeatReceivedEvent } from '../../src/domain/events/heartbeat-received.event.js';
import { EventPublisherService } from '../../src/infrastructure/kafka/event-publisher.service.js';
import { KafkaEventTransport } from '../../src/infrastructure/kafka/kafka-event-transport.js';
import { LogEventTransport } from '../../src/infrastructure/outbox/log-event-transport.js';
import { OutboxRelay } from '../../src/infrastructure/outbox/outbox-relay.service.js';
import { UuidEventIdGenerator } from '../../src/infrastructure/system/uuid-event-id-generator.js';
import { eventAtNoon, NOON } from '../support/builders.js';
import { describeEventTransport } from '../support/contracts/event-transport/contract.js';
import { describeKafkaMessages } from '../support/contracts/event-transport/kafka-messages.js';
import { rejectionOf } from '../support/failures.js';
import { startKafka, type ProxiedKafka } from '../support/kafka/cluster.js';
import { kafkaConfigOf } from '../support/kafka/config.js';
import { subscribe, type ReceivedMessage, type Subscriber } from '../support/kafka/subscriber.js';
import { openReplica, type Replica } from '../support/persistence.js';
import { openSql, type Sql } from '../support/sql.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventSchemaErrors } from '../support/event-schemas.js';
import { waitFor } from '../support/processes.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

const topic = `test-${randomUUID()}`;
let kafka: ProxiedKafka;
let subscriber: Subscriber;
let transport: KafkaEventTransport;

beforeAll(async () => {
  kafka = await startKafka();
  subscriber = await subscribe(kafka.steadyBrokers, topic, { validate: followsTheContract });
});

beforeEach(() => {
  transport = openTransport();
});

afterEach(() => kafka.restore());

afterAll(async () => {
  await subscriber.close();
  await kafka.stop();
});

/** Checks events of the service against their schemas and skips messages of the tests. */
function followsTheContract({ key, value, headers }: ReceivedMessage): void {
  if (key?.startsWith('test.') === true) return;
  expect(eventSchemaErrors(value)).toEqual([]);
  expect(headers).toEqual({
    'event-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'event-type': key,
    'content-type': 'application/json',
  });
}

function openTransport(toTopic = topic): KafkaEventTransport {
  return new KafkaEventTransport(kafkaConfigOf(kafka.brokers, { topicAnalytics: toTopic }));
}

describeEventTransport('log', async () => ({
  open: () => new LogEventTransport(),
  close: async () => {},
}));

describeEventTransport('Kafka', async () => ({
  open: () => openTransport(`contract-${randomUUID()}`),
  close: async () => {},
}));

describeKafkaMessages('kafkajs', (config) => new KafkaEventTransport(config));

describe('the outbox relay to Kafka', () => {
  let database: TestDatabase;
  let owner: Sql;
  let replica: Replica;

  beforeAll(async () => {
    database = await createTestDatabase();
    owner = await openSql(database.ownerUrl);
    replica = openReplica(database.serviceUrl);
  });

  afterAll(async () => {
    await Promise.all([owner.close(), replica.close()]);
    await database.drop();
  });

  const waiting = () => owner.value('SELECT count(*)::int FROM analytics_outbox');

  it('publishes every message and deletes its row', async () => {
    const sessions = Array.from({ length: 1_200 }, (_, i) =>
      eventAtNoon({ userId: String(2n ** 62n + BigInt(i)), properties: { appVersion: '1.0', os: 'iOS' } }),
    );
    await replica.eventLog.batchInsert(sessions);
    expect(await new OutboxRelay(replica.outbox, transport).processAll()).toBe(1_200);
    expect(await waiting()).toBe(0);
    const received = await subscriber.messages('analytics.session.started', 1_200);
    expect(new Set(received.map(({ headers }) => headers['event-id']))).toEqual(
      new Set(sessions.map(({ eventId }) => eventId.value)),
    );
    const last = sessions[1_199]!;
    expect(received.find(({ headers }) => headers['event-id'] === last.eventId.value)).toMatchObject({
      key: 'analytics.session.started',
      headers: { 'event-type': 'analytics.session.started', 'content-type': 'application/json' },
      value: {
        eventType: 'analytics.session.started',
        occurredAt: NOON,
        payload: {
          userId: String(2n ** 62n + 1_199n),
          installId: 'install-00000001',
          occurredAt: NOON,
          metadata: { appVersion: '1.0', os: 'iOS' },
        },
      },
    });
  });

  it('publishes calculated days', async () => {
    const at = new Date('2025-06-16T01:00:00+08:00');
    const count = { total: 7, byProvince: new Map(), byCity: new Map() };
    const stats = DailyActiveStats.create('2025-06-15', count, at);
    await replica.stats.upsert(stats, []);
    stats.recalculate({ ...count, total: 8 }, at);
    await replica.stats.upsert(stats, []);
    await new OutboxRelay(replica.outbox, transport).processAll();
    const received = await subscriber.messages('analytics.dau.calculated', 2);
    expect(received.map(({ value }) => (value as { payload: unknown }).payload)).toEqual([
      { day: '2025-06-15', dauCount: 7, version: 1 },
      { day: '2025-06-15', dauCount: 8, version: 2 },
    ]);
  });

  it('keeps messages during an outage and publishes them afterwards', async () => {
    const relay = new OutboxRelay(replica.outbox, transport);
    kafka.interrupt();
    const session = eventAtNoon({ userId: '7' });
    await replica.eventLog.batchInsert([session]);
    expect(await rejectionOf(relay.processAll())).toBeInstanceOf(Error);
    expect(await waiting()).toBe(1);
    relay.startWork();
    kafka.restore();
    await waitFor(async () => (await waiting()) === 0, 20_000);
    await relay.beforeApplicationShutdown();
    await waitFor(() =>
      subscriber.received.some(({ headers }) => headers['event-id'] === session.eventId.value),
    );
  });
});

describe('the publisher of heartbeats to Kafka', () => {
  it('sends heartbeats soon after they are offered', async () => {
    const publisher = new EventPublisherService(transport, new UuidEventIdGenerator(), 10_000);
    publisher.offer(new HeartbeatReceivedEvent(2n ** 63n - 1n, 'install-00000001', new Date(NOON)));
    publisher.offer(new HeartbeatReceivedEvent(5n, 'install-00000002', new Date(NOON)));
    const received = await subscriber.messages('presence.heartbeat.received', 2);
    expect(received.map(({ value }) => value)).toEqual(
      expect.arrayContaining([
        {
          eventType: 'presence.heartbeat.received',
          occurredAt: NOON,
          payload: { userId: '9223372036854775807', installId: 'install-00000001', occurredAt: NOON },
        },
      ]),
    );
    await publisher.onApplicationShutdown();
  });

  it('sends heartbeats before shutdown and drops them when Kafka is unavailable', async () => {
    const publisher = new EventPublisherService(transport, new UuidEventIdGenerator(), 10_000);
    publisher.offer(new HeartbeatReceivedEvent(77n, 'install-00000077', new Date(NOON)));
    await publisher.onApplicationShutdown();
    await waitFor(() => JSON.stringify(subscriber.received).includes('install-00000077'));

    kafka.interrupt();
    const late = new EventPublisherService(openTransport(), new UuidEventIdGenerator(), 10_000);
    for (let i = 0; i < 3_000; i++)
      late.offer(new HeartbeatReceivedEvent(BigInt(i + 1), 'install-late', new Date(NOON)));
    await expect(late.onApplicationShutdown()).resolves.toBeUndefined();
  });
});
