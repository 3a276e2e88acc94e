import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { createTestDatabase, prepareServer, type TestDatabase } from '../support/database.js';
import { daysAgo, event, startOfShanghaiDay, type WireEvent } from '../support/events.js';
import { postJson, request, signToken } from '../support/http.js';
import { clientOf } from '../support/kafka/client.js';
import { isRealKafka, startKafka, type ProxiedKafka } from '../support/kafka/cluster.js';
import { subscribe, type ReceivedMessage, type Subscriber } from '../support/kafka/subscriber.js';
import { produceRaw } from '../support/kafka/topics.js';
import type { PostgresServer } from '../support/postgres.js';
import { baseBackup } from '../support/postgres/base-backup.js';
import { restoreTo, startArchivingServer, type ArchivingServer } from '../support/postgres/point-in-time.js';
import { waitFor } from '../support/processes.js';
import { createTestRedis, type TestRedis } from '../support/redis.js';
import { runBuilt, settings, startService, type Service, type Settings } from '../support/service.js';
import { openSql } from '../support/sql.js';

const ARRIVAL_MS = 60_000;
/** A final day that still has a live figure, also when midnight passes during the drill. */
const DAY = daysAgo(2);
const NOON_SECONDS = startOfShanghaiDay(DAY) / 1000 + 12 * 3600;
const SESSION = 'analytics.session.started';
const BATCH_SIZE = 100;
const CALCULATED = 'analytics.dau.calculated';

jest.setTimeout(180_000);

let primary: ArchivingServer;
let restored: PostgresServer | undefined;
let database: TestDatabase;
let redis: TestRedis;
let kafka: ProxiedKafka;
let subscriber: Subscriber;
let service: Service | undefined;
let env: Settings;
/** Acknowledged before the moment to which the database is restored, and after it. */
const [kept, lost]: [WireEvent[], WireEvent[]] = [[], []];
/** Messages that subscribers had received when the accident happened. */
let receivedBefore: readonly ReceivedMessage[];
let staleAudit: string;

const group = `restore-${randomUUID()}`;
const topics = {
  analytics: `restore-analytics-${randomUUID()}`,
  identity: `restore-identity-${randomUUID()}`,
};

beforeAll(async () => {
  [primary, redis, kafka] = await Promise.all([startArchivingServer(), createTestRedis(), startKafka()]);
  await prepareServer(primary.server.ownerUrl);
  database = await createTestDatabase(primary.server.ownerUrl);
  env = {
    ...settings({ databaseUrl: database.serviceUrl, redis }),
    KAFKA_BROKERS: kafka.brokers,
    KAFKA_TOPIC_ANALYTICS: topics.analytics,
    KAFKA_TOPIC_IDENTITY: topics.identity,
    KAFKA_CONSUMER_GROUP: group,
  };
  subscriber = await subscribe(kafka.steadyBrokers, topics.analytics);
  await produceRaw(kafka.steadyBrokers, topics.identity, [{ key: 'other', value: '{}' }]);
  service = await startService({ env });

  // A base backup under load, and traffic after it.
  let isCopying = true;
  const traffic = (async () => {
    do kept.push(...(await send(sessions(5))));
    while (isCopying);
  })();
  const backup = await baseBackup(primary.server).finally(() => (isCopying = false));
  await traffic;
  kept.push(...(await send(sessions(60))));
  await calculate();
  const beforeMoment = new Date();
  const moment = String(await ask("SELECT to_char(clock_timestamp(), 'YYYY-MM-DD HH24:MI:SS.US TZH:TZM')"));

  // Everything after the moment is lost with the accident, though clients and subscribers know of it.
  // A tenth more users than before, because an audit allows a live figure an error of three hundredths.
  const lostCount = Math.max(60, Math.ceil(kept.length / 10));
  for (const batch of inBatches(sessions(lostCount))) lost.push(...(await send(batch)));
  await calculate();
  await produceRaw(kafka.steadyBrokers, topics.identity, [accountCreated()]);
  await waitFor(
    () => ask("SELECT count(*) > 0 FROM analytics_event_log WHERE event_name = 'user_account_created'"),
    ARRIVAL_MS,
  );
  await waitFor(() => ask('SELECT count(*) = 0 FROM analytics_outbox'), ARRIVAL_MS);
  await ask('TRUNCATE analytics_daily_actives, analytics_daily_active_users');
  await primary.archiveAll();
  await service.stop();
  await primary.server.kill();
  await subscriber.messages(SESSION, kept.length + lost.length);
  receivedBefore = [...subscriber.received];

  restored = await restoreTo(moment, backup, { archive: primary.archive, port: primary.server.port });
  staleAudit = (await runBuilt('src/cli/dau-audit.js', [DAY], env)).output;
  // The steps of docs/operations.md before the service starts again.
  await redis.client.del(`analytics:dau:${DAY}`);
  await ask('UPDATE analytics_daily_active_users SET version = version + 1000');
  await resetConsumerGroup(beforeMoment);
  service = await startService({ env });
});

afterAll(async () => {
  await service?.stop();
  await subscriber?.close();
  await restored?.stop();
  await primary?.server.stop();
  primary?.removeArchive();
  await Promise.all([redis?.close(), kafka?.stop()]);
});

function sessions(count: number): WireEvent[] {
  return Array.from({ length: count }, () =>
    event({ clientTs: NOON_SECONDS, properties: { province: '广东省' } }),
  );
}

function inBatches(events: readonly WireEvent[]): WireEvent[][] {
  const count = Math.ceil(events.length / BATCH_SIZE);
  return Array.from({ length: count }, (_, index) =>
    events.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE),
  );
}

/** @returns the events once the service has confirmed all of them */
async function send(events: WireEvent[]): Promise<WireEvent[]> {
  const answer = await postJson(`${service!.url}/analytics/events`, { events });
  expect(answer).toMatchObject({ status: 200, body: { accepted: events.length } });
  return events;
}

async function calculate(): Promise<void> {
  expect(await runBuilt('src/cli/dau-calculate.js', [DAY], env)).toMatchObject({ exitCode: 0 });
}

/** Runs SQL as the owner. @returns the first column of the first row */
async function ask(sql: string): Promise<unknown> {
  const owner = await openSql(database.ownerUrl);
  try {
    return await owner.value(sql);
  } finally {
    await owner.close();
  }
}

function accountCreated() {
  const value = { occurredAt: new Date(NOON_SECONDS * 1000).toISOString(), payload: { userId: '77' } };
  return { key: 'user.account.created', value: JSON.stringify(value), partition: 0 };
}

/** Takes the consumer back, as `--reset-offsets --to-datetime` does while no member is in the group. */
async function resetConsumerGroup(toTime: Date): Promise<void> {
  const admin = clientOf(kafka.steadyBrokers).admin();
  await admin.connect();
  const { identity: topic } = topics;
  try {
    // The mock cluster knows no offsets of a time.
    const partitions = isRealKafka()
      ? await admin.fetchTopicOffsetsByTimestamp(topic, toTime.getTime())
      : (await admin.fetchTopicOffsets(topic)).map(({ partition, low }) => ({ partition, offset: low }));
    await waitFor(
      async () => {
        await admin.setOffsets({ groupId: group, topic, partitions });
        return true;
      },
      ARRIVAL_MS,
      { what: 'the group has no members', intervalMs: 250 },
    );
  } finally {
    await admin.disconnect();
  }
}

const versionsIn = (messages: readonly ReceivedMessage[]) =>
  messages
    .filter(({ key }) => key === CALCULATED)
    .map(({ value }) => (value as { payload: { version: number } }).payload.version);

async function storedIds(): Promise<Set<unknown>> {
  const owner = await openSql(database.ownerUrl);
  try {
    return new Set(
      (await owner.rows('SELECT event_id FROM analytics_event_log')).map((row) => row['event_id']),
    );
  } finally {
    await owner.close();
  }
}

describe('a restore to the moment before an accident', () => {
  it('has every event that was confirmed until then, and none that was confirmed later', async () => {
    const stored = await storedIds();
    expect(kept.filter(({ eventId }) => !stored.has(eventId))).toEqual([]);
    expect(lost.filter(({ eventId }) => stored.has(eventId))).toEqual([]);
    expect(kept.length).toBeGreaterThan(60);
  });

  it('leaves live figures in Redis that know lost users, which an audit shows until they are deleted', () => {
    expect(staleAudit).toMatch(/drift: live DAU says \d+, the log \d+/);
  });

  it('is audited clean once the service runs, the live figure included', async () => {
    await waitFor(() => redis.client.pfcount(`analytics:dau:${DAY}`), ARRIVAL_MS, {
      what: 'the live figure is rebuilt',
    });
    const { exitCode, output } = await runBuilt('src/cli/dau-audit.js', [DAY], env);
    expect(output).toContain('No drift in 1 day.');
    expect(exitCode).toBe(0);
    const { body } = await request(`${service!.url}/analytics/dau?startDate=${DAY}&endDate=${DAY}`, {
      token: signToken({ userId: '1' }),
    });
    expect(body).toMatchObject({ data: [{ day: DAY, dauCount: kept.length }] });
  });

  it('records the accounts again that were created since', async () => {
    await waitFor(
      () =>
        ask(
          "SELECT count(*) = 1 FROM analytics_event_log WHERE event_name = 'user_account_created' AND user_id = 77",
        ),
      ARRIVAL_MS,
      { what: 'the account is recorded again' },
    );
  });

  it('takes what clients still hold: lost events are new, the others are duplicates', async () => {
    for (const events of inBatches(lost)) {
      const { body } = await postJson(`${service!.url}/analytics/events`, { events });
      expect(body).toMatchObject({ accepted: events.length, duplicates: 0 });
    }
    const { body } = await postJson(`${service!.url}/analytics/events`, { events: kept.slice(0, 60) });
    expect(body).toMatchObject({ accepted: 0, duplicates: 60 });
    await calculate();
    expect(await runBuilt('src/cli/dau-audit.js', [DAY], env)).toMatchObject({ exitCode: 0 });
  });

  it('publishes lost events again under the same ids, and figures under higher versions than before', async () => {
    await subscriber.messages(
      SESSION,
      receivedBefore.filter(({ key }) => key === SESSION).length + lost.length,
    );
    for (const { eventId } of lost) {
      const copies = subscriber.received.filter(({ headers }) => headers['event-id'] === eventId);
      expect(copies.length).toBeGreaterThan(1);
    }
    // Messages that waited in the outbox at the moment are repeats: they say what was said before.
    const ids = new Set(receivedBefore.map(({ headers }) => headers['event-id']));
    const fresh = (): number[] =>
      versionsIn(
        subscriber.received
          .slice(receivedBefore.length)
          .filter(({ headers }) => !ids.has(headers['event-id'] ?? '')),
      );
    await waitFor(() => fresh().length > 0, ARRIVAL_MS, { what: 'figures are published again' });
    expect(Math.min(...fresh())).toBeGreaterThan(Math.max(...versionsIn(receivedBefore)));
  });
});
