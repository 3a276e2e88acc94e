import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { SessionStartedEvent } from '../../src/domain/events/session-started.event.js';
import { toWireValue } from '../../src/infrastructure/outbox/event-transport.js';
import { NOW } from '../support/builders.js';
import { createPlainDatabase, type TestDatabase } from '../support/database.js';
import { JAVA_EXAMPLE, javaExampleCommand } from '../support/java-example.js';
import { startKafkaMock, type TestKafka } from '../support/kafka/cluster.js';
import { produceRaw, type RawMessage } from '../support/kafka/topics.js';
import { openSql } from '../support/sql.js';
import { spawnProcess, waitFor, type SpawnedProcess } from '../support/processes.js';
import { requirePython } from '../support/python.js';

/** An id above 2^53, which a number or a double would change. */
const BIG = 2n ** 63n - 1n;
/** The mock cluster creates four partitions; another cluster needs at least as many. */
const PARTITIONS = [0, 1, 2, 3];

interface Session {
  readonly eventId: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly record: RawMessage;
}

function aSession(userId: bigint | null, partition: number): Session {
  const eventId = randomUUID();
  const event = new SessionStartedEvent(userId, `安装-${eventId}`, NOW, {
    os: 'HarmonyOS',
    appVersion: '2.4.0',
  });
  const { eventType, subject, occurredAt } = event;
  const value = toWireValue({ eventId, eventType, subject, occurredAt, payload: event.toPayload() });
  return {
    eventId,
    payload: event.toPayload(),
    record: {
      key: eventType,
      value,
      partition,
      headers: { 'event-id': eventId, 'event-type': eventType, 'content-type': 'application/json' },
    },
  };
}

/** Returns the last event of each partition: once it is stored, every event before it was read. */
const endMarks = (): Session[] => PARTITIONS.map((partition) => aSession(null, partition));

const records = (...sessions: readonly Session[]): RawMessage[] => sessions.map(({ record }) => record);

/** The database that an example stores events in. */
interface Store {
  readonly environment: Readonly<Record<string, string>>;
  /** returns the stored user ids by event id */
  users(): Promise<Map<string, string | null>>;
  remove(): Promise<void>;
}

async function postgres(): Promise<Store> {
  const database: TestDatabase = await createPlainDatabase();
  return {
    environment: {
      SUBSCRIBER_DATABASE_URL: database.ownerUrl,
      SUBSCRIBER_JDBC_URL: jdbcUrl(database.ownerUrl),
    },
    users: async () => {
      const sql = await openSql(database.ownerUrl);
      const rows = await sql
        .rows('SELECT event_id, user_id FROM subscriber_sessions')
        .finally(() => sql.close());
      return new Map(rows.map((row) => [String(row['event_id']), row['user_id'] as string | null]));
    },
    remove: () => database.drop(),
  };
}

/** The driver of Java takes the user as parameters. With the last one the counts of a batch are unknown. */
function jdbcUrl(url: string): string {
  const { host, pathname, username, password } = new URL(url);
  const user = new URLSearchParams({
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    reWriteBatchedInserts: 'true',
  });
  return `jdbc:postgresql://${host}${pathname}?${user.toString()}`;
}

async function sqlite(): Promise<Store> {
  const directory = mkdtempSync(join(tmpdir(), 'analytics-test-subscriber-'));
  const file = join(directory, 'sessions.db');
  const script = `import json, sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute('SELECT event_id, CAST(user_id AS TEXT) FROM subscriber_sessions')
print(json.dumps(rows.fetchall()))`;
  return {
    environment: { SUBSCRIBER_DATABASE: file },
    users: async () => {
      const python = spawnProcess(requirePython(), ['-c', script, file]);
      const [line] = await python.line(/^\[.*\]$/);
      return new Map(JSON.parse(line) as [string, string | null][]);
    },
    remove: async () => rmSync(directory, { recursive: true, force: true }),
  };
}

let kafka: TestKafka;

beforeAll(async () => {
  kafka = await startKafkaMock();
});

afterAll(async () => {
  await kafka.stop();
});

type Printed = Readonly<Record<'event_id' | 'eventType' | 'payload', unknown>>;

/** Returns the events that it printed as new; a killed process may cut off its last line. */
function printed({ lines }: SpawnedProcess): Printed[] {
  return lines
    .filter((line) => line.startsWith('{"event_id"'))
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Printed];
      } catch {
        return [];
      }
    });
}

function idsPrinted(subscriber: SpawnedProcess): string[] {
  return printed(subscriber)
    .map((event) => String(event.event_id))
    .sort();
}

function idsOf(...sessions: readonly Session[]): string[] {
  return sessions.map(({ eventId }) => eventId).sort();
}

async function reads(subscriber: SpawnedProcess, marks: readonly Session[]): Promise<void> {
  const lineOf = ({ eventId }: Session): RegExp => new RegExp(`^\\{"event_id": ?"${eventId}"`);
  await Promise.all(marks.map((mark) => subscriber.line(lineOf(mark), 60_000)));
}

/** The topic, groups and stores of one test. */
interface Stage {
  readonly topic: string;
  readonly group: string;
  openStore(): Promise<Store>;
  start(store: Store, group?: string): SpawnedProcess;
}

/** The tests run in parallel, because they mostly wait for consumer groups. */
const TIMEOUT_MS = 150_000;

const EXAMPLES = [
  {
    example: 'subscriber-kafkajs.mjs',
    command: () => [process.execPath, 'docs/events/examples/subscriber-kafkajs.mjs'],
    open: postgres,
    stopped: { code: 0, signal: null },
    isRunnable: true,
  },
  {
    example: 'subscriber.py',
    command: () => [requirePython(), 'docs/events/examples/subscriber.py'],
    open: sqlite,
    stopped: { code: 0, signal: null },
    isRunnable: true,
  },
  {
    example: 'java/SessionSubscriber.java',
    command: javaExampleCommand,
    open: postgres,
    // A JVM that SIGTERM ends in order exits with 128 and the number of the signal.
    stopped: { code: 143, signal: null },
    isRunnable: JAVA_EXAMPLE.directory() !== null,
  },
];

/** Values that a database rejects together with everything in the same statement. */
const UNREADABLE: readonly object[] = [
  { userId: '99999999999999999999' },
  { userId: '9223372036854775808' },
  { userId: '0' },
  { installId: 'install\u0000-001' },
  { installId: 'install\ud800-001' },
  { installId: 42 },
  { occurredAt: '2026-02-30T00:00:00.000Z' },
  { occurredAt: 'yesterday' },
];

// One block holds all languages, because Jest runs concurrent tests block by block.
describe('docs/events/examples', () => {
  EXAMPLES.forEach(({ example, command, open, stopped, isRunnable }) => {
    const scene = isRunnable ? it.concurrent : it.skip;
    async function onStage(play: (stage: Stage) => Promise<void>): Promise<void> {
      const topic = `subscriber-${randomUUID()}`;
      const running: SpawnedProcess[] = [];
      const stores: Store[] = [];
      const stage: Stage = {
        topic,
        group: `group-${topic}`,
        openStore: async () => {
          const store = await open();
          stores.push(store);
          return store;
        },
        start: (store, group = stage.group) => {
          const [program = '', ...args] = command();
          const subscriber = spawnProcess(program, args, {
            env: {
              ...process.env,
              ...store.environment,
              KAFKA_BROKERS: kafka.brokers,
              KAFKA_TOPIC_ANALYTICS: topic,
              KAFKA_GROUP: group,
            },
          });
          running.push(subscriber);
          return subscriber;
        },
      };
      try {
        await play(stage);
      } finally {
        await Promise.all(running.map((subscriber) => subscriber.end('SIGKILL')));
        await Promise.all(stores.map((store) => store.remove()));
      }
    }

    scene(
      `${example} stores each session once with its 64-bit id and nothing else`,
      () =>
        onStage(async ({ topic, openStore, start }) => {
          const store = await openStore();
          const [big, anonymous, small] = [aSession(BIG, 0), aSession(null, 0), aSession(42n, 1)];
          const marks = endMarks();
          const other = (
            key: string | null,
            value: string | null,
            headers: Record<string, string> = {},
          ): RawMessage => ({ key, value, headers, partition: 0 });
          await produceRaw(kafka.brokers, topic, [
            ...records(big, anonymous, big),
            other('analytics.dau.calculated', '{"eventType":"analytics.dau.calculated"}', {
              'event-id': randomUUID(),
            }),
            other('presence.heartbeat.received', 'never parsed'),
            // These messages break the contract and must not stop the partition.
            other('analytics.session.started', 'no JSON', { 'event-id': randomUUID() }),
            other('analytics.session.started', null, { 'event-id': randomUUID() }),
            other('analytics.session.started', String(small.record.value)),
            other('analytics.session.started', String(small.record.value), { 'event-id': 'no-uuid' }),
            other('analytics.session.started', '{"payload":{"userId":"x"}}', { 'event-id': randomUUID() }),
            ...UNREADABLE.map((changed) =>
              other(
                'analytics.session.started',
                JSON.stringify({ payload: { ...small.payload, ...changed } }),
                {
                  'event-id': randomUUID(),
                },
              ),
            ),
            other(null, null),
            ...records(small, big),
          ]);
          const subscriber = start(store);
          // The repeat arrives later in another batch.
          await subscriber.line(new RegExp(small.eventId), 60_000);
          await produceRaw(kafka.brokers, topic, records(big, anonymous, small, ...marks));
          await reads(subscriber, marks);

          expect(idsPrinted(subscriber)).toEqual(idsOf(big, anonymous, small, ...marks));
          expect(printed(subscriber).find((event) => event.event_id === big.eventId)).toEqual({
            event_id: big.eventId,
            eventType: 'analytics.session.started',
            payload: big.payload,
          });
          expect(subscriber.lines.filter((line) => line.startsWith('passed over'))).toHaveLength(
            5 + UNREADABLE.length,
          );
          expect(await store.users()).toEqual(
            new Map<string, string | null>([
              [big.eventId, '9223372036854775807'],
              [anonymous.eventId, null],
              [small.eventId, '42'],
              ...marks.map(({ eventId }): [string, null] => [eventId, null]),
            ]),
          );
          expect(await subscriber.end('SIGTERM')).toEqual(stopped);
        }),
      TIMEOUT_MS,
    );

    scene(
      `${example} resumes after its last commit and stores nothing twice when it starts over`,
      () =>
        onStage(async ({ topic, group, openStore, start }) => {
          const store = await openStore();
          const [before, marks] = [PARTITIONS.map((partition) => aSession(BIG, partition)), endMarks()];
          await produceRaw(kafka.brokers, topic, records(...before, ...marks));
          const first = start(store);
          await reads(first, marks);
          expect(await first.end('SIGTERM')).toEqual(stopped);

          // The same group has an empty store, in which any event that is read again would be new.
          const [repeated] = before;
          const [after, laterMarks] = [aSession(7n, 2), endMarks()];
          await produceRaw(kafka.brokers, topic, records(after, ...laterMarks));
          const empty = await openStore();
          const second = start(empty);
          await reads(second, laterMarks);
          expect(idsPrinted(second)).toEqual(idsOf(after, ...laterMarks));
          expect(await second.end('SIGTERM')).toEqual(stopped);

          // Another group with the first store reads every event and stores the missing ones.
          await produceRaw(kafka.brokers, topic, records(repeated!));
          const third = start(store, `another-${group}`);
          await reads(third, laterMarks);
          expect(idsPrinted(third)).toEqual(idsOf(after, ...laterMarks));
          expect([...(await store.users()).keys()].sort()).toEqual(
            idsOf(...before, ...marks, after, ...laterMarks),
          );
          expect(await third.end('SIGTERM')).toEqual(stopped);
        }),
      TIMEOUT_MS,
    );

    scene(
      `${example} stores the rest after a kill, in order and nothing twice`,
      () =>
        onStage(async ({ topic, openStore, start }) => {
          const store = await openStore();
          const sessions = Array.from({ length: 3000 }, (_, i) =>
            aSession(BigInt(i + 1), i % PARTITIONS.length),
          );
          await produceRaw(kafka.brokers, topic, records(...sessions));
          const killed = start(store);
          await waitFor(() => printed(killed).length > 0, 60_000, { intervalMs: 1 });
          await killed.end('SIGKILL');

          const marks = endMarks();
          await produceRaw(kafka.brokers, topic, records(...marks));
          // The group waits for the dead member until its session expires.
          const next = start(store);
          await reads(next, marks);
          expect(await next.end('SIGTERM')).toEqual(stopped);
          expect([...(await store.users()).keys()].sort()).toEqual(idsOf(...sessions, ...marks));
          const all = [...printed(killed), ...printed(next)];
          expect(new Set(all.map((event) => event.event_id)).size).toBe(all.length);
          // Each partition is read in its order, which the ids of the users show.
          const ids = all
            .flatMap(({ payload }) => (payload as Session['payload'])['userId'] ?? [])
            .map(Number);
          for (const partition of PARTITIONS) {
            const own = ids.filter((id) => (id - 1) % PARTITIONS.length === partition);
            expect(own).toEqual([...own].sort((a, b) => a - b));
          }
        }),
      TIMEOUT_MS,
    );
  });
});
