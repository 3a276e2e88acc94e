import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { postJson, signToken } from '../support/http.js';
import { startKafka, type ProxiedKafka } from '../support/kafka/cluster.js';
import { readTopicWithKcat } from '../support/kafka/kcat.js';
import { subscribe, type ReceivedMessage } from '../support/kafka/subscriber.js';
import type { RawMessage } from '../support/kafka/topics.js';
import { sleep, waitFor } from '../support/processes.js';
import { testServices } from '../support/services.js';
import { runBuilt, type Service } from '../support/service.js';
import { event } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import {
  ARRIVAL_MS,
  beat,
  contractFaults,
  Crowd,
  endsOf,
  HEARTBEAT,
  lengthOf,
  metric,
  PARTITIONS,
  post,
  promptHeartbeats,
  readAll,
  readiness,
  Seats,
  SESSION,
  sessionFaults,
  Stage,
  type Account,
  type Beat,
} from './support/kafka-scenes.js';
import { Load } from './support/load.js';
import { OwnerDatabase } from '../support/owner-database.js';

/** Longer than any time limit of the service's client. */
const FROZEN_MS = 12_000;
const CUT_MS = 5_000;
/** The service itself gives up draining after 15 s. */
const STOP_BOUND_MS = 15_000 + 2_000;
const BIGGEST_ID = '9223372036854775807';
const KEY = 'user.account.created';

// --- Scenes side by side ------------------------------------------------------------------------------------------

type Play = (stage: Stage) => Promise<void>;

interface SceneOptions {
  /** Has a Kafka of its own, since it disturbs it. */
  readonly alone?: boolean;
  /** How many services it has running at a time. */
  readonly services?: number;
}

const plays: ({ readonly title: string; readonly play: Play } & Required<SceneOptions>)[] = [];
const seats = new Seats(4);
let shared: ProxiedKafka;

/** A test that mostly waits, and does so beside the others. Those that wait longest come first. */
function scene(title: string, { alone = false, services = 1 }: SceneOptions, play: Play): void {
  plays.push({ title, play, alone, services });
}

async function perform({ play, alone, services }: (typeof plays)[number]): Promise<void> {
  await seats.take(services);
  const kafka = alone ? await startKafka() : shared;
  try {
    const stage = await Stage.open(kafka);
    try {
      await play(stage);
    } finally {
      await stage.close();
    }
  } finally {
    if (alone) await kafka.stop();
    seats.leave(services);
  }
}

beforeAll(async () => {
  shared = await startKafka();
});

afterAll(() => shared?.stop());

// --- What the scenes share ----------------------------------------------------------------------------------------

async function expectAllPublished(stage: Stage, { sent }: Pick<Crowd, 'sent'>): Promise<void> {
  expect(sessionFaults(sent, await stage.published())).toEqual([]);
}

/** Those of them that have not arrived. */
function missingBeats(beats: readonly Beat[], received: readonly ReceivedMessage[]): Beat[] {
  const arrived = new Set(
    received.map(({ value }) => (value as { payload: Partial<Beat> }).payload.installId),
  );
  return beats.filter(({ installId }) => !arrived.has(installId));
}

interface IdentityMessage {
  readonly user: string;
  readonly install?: string | undefined;
  readonly at?: string;
}

const AT = '2025-06-15T04:00:00.000Z';

function account({ user, install, at = AT }: IdentityMessage): string {
  return JSON.stringify({ occurredAt: at, payload: { userId: user, installId: install } });
}

/** Accounts over all partitions, or in one. */
function accounts(from: number, to: number, partition?: number): RawMessage[] {
  return Array.from({ length: to - from }, (_, i) => ({
    key: KEY,
    value: account({ user: String(2n ** 62n + BigInt(from + i)) }),
    partition: partition ?? i % PARTITIONS,
  }));
}

/** What the log has to hold of them. */
function recorded(from: number, to: number): Account[] {
  return Array.from({ length: to - from }, (_, i) => ({
    user: String(2n ** 62n + BigInt(from + i)),
    install: 'identity-service',
    at: AT,
    name: 'user_account_created',
  }));
}

async function expectRecorded(stage: Stage, expected: readonly Account[]): Promise<void> {
  await waitFor(
    async () => (await stage.number('SELECT count(*)::int FROM analytics_event_log')) >= expected.length,
    ARRIVAL_MS,
    { what: `${expected.length} accounts are recorded`, intervalMs: 100 },
  );
  await expectCommitted(stage);
  expect(await stage.accounts()).toEqual(expected);
}

/** The whole identity topic is read, as the group sees it. */
async function expectCommitted(stage: Stage): Promise<void> {
  const ends = await endsOf(stage.kafka, stage.identityTopic);
  await waitFor(
    async () => {
      expect(await stage.committed()).toEqual(ends);
      return true;
    },
    ARRIVAL_MS,
    { what: 'the offsets are committed', intervalMs: 250 },
  );
}

const consumed = (stage: Stage, service: Service, outcome: string): Promise<number> =>
  metric(service, 'analytics_consumer_messages_total', { topic: stage.identityTopic, outcome });

const deadLetters = (stage: Stage): Promise<number> => lengthOf(stage.kafka, `${stage.identityTopic}.dlq`);

/** What statements of the service wait at until it is opened; see {@link gate}. */
interface Gate {
  waiting(): Promise<number>;
  open(): Promise<void>;
}

/** Stops whatever writes to a table before it does. */
async function gate(
  stage: Stage,
  operation: 'INSERT' | 'UPDATE',
  table: 'analytics_event_log' | 'analytics_outbox_lanes',
): Promise<Gate> {
  const keeper = await OwnerDatabase.connect(stage.database.ownerUrl);
  await keeper.rows('SELECT pg_advisory_lock(4711)');
  await stage.owner.rows(`
    CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NULL; END $$`);
  await stage.owner.rows(
    `CREATE TRIGGER gate BEFORE ${operation} ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION gate()`,
  );
  return {
    waiting: () =>
      stage.number(
        `SELECT count(*)::int FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
         WHERE datname = current_database() AND locktype = 'advisory' AND objid = 4711 AND NOT granted`,
      ),
    open: () => keeper.close(),
  };
}

/** No relay takes anything meanwhile; afterwards all of it waits. */
async function whileLanesAreHeld(stage: Stage, work: () => Promise<void>): Promise<void> {
  const keeper = await OwnerDatabase.connect(stage.database.ownerUrl);
  await keeper.rows('BEGIN');
  await keeper.rows('SELECT lane FROM analytics_outbox_lanes FOR UPDATE');
  await work();
  await keeper.close();
}

/** Until no connection of a service that was killed is left, nor a statement of it under way. */
async function forgotten(stage: Stage): Promise<void> {
  await waitFor(async () => (await connections(stage)) === 0, ARRIVAL_MS, { what: 'its connections end' });
}

const connections = (stage: Stage): Promise<number> =>
  stage.number(`SELECT count(*)::int FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'analytics-presence-service'`);

// --- The scenes ---------------------------------------------------------------------------------------------------

scene(
  'a consumer that is killed before, and between, its work and its commit records each account once',
  { alone: true },
  async (stage) => {
    const total = 3_000;
    await stage.createIdentityTopic();
    await stage.produce(accounts(0, total));

    const held = await gate(stage, 'INSERT', 'analytics_event_log');
    const first = await stage.start();
    await waitFor(async () => (await held.waiting()) > 0, ARRIVAL_MS, { what: 'the first is at work' });
    await stage.kill(first);
    await forgotten(stage);
    await held.open();
    expect(await stage.accounts()).toEqual([]);
    expect(await stage.committed()).toEqual([0, 0, 0, 0]);

    // The gate becomes a slow one, so that Kafka can be cut off while work is under way that will succeed.
    await stage.owner.rows(`
      CREATE OR REPLACE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_sleep(0.4); RETURN NULL; END $$`);
    const second = await stage.start();
    await waitFor(
      () =>
        stage.number(`SELECT count(*)::int FROM pg_stat_activity
                      WHERE datname = current_database() AND wait_event = 'PgSleep'`),
      ARRIVAL_MS,
      { what: 'the second is at work', intervalMs: 10 },
    );
    stage.kafka.interrupt();
    await waitFor(() => stage.number('SELECT count(*)::int FROM analytics_event_log'), ARRIVAL_MS, {
      what: 'work is done',
      intervalMs: 10,
    });
    await stage.kill(second);
    await stage.owner.rows('DROP TRIGGER gate ON analytics_event_log');
    stage.kafka.restore();

    const third = await stage.start();
    await expectRecorded(stage, recorded(0, total));
    expect(await deadLetters(stage)).toBe(0);
    await stage.stop(third);
  },
);

scene(
  'a broker that freezes for longer than any time limit loses nothing, and nobody waits for it',
  { alone: true },
  async (stage) => {
    const service = await stage.start();
    const crowd = new Crowd(1_000);
    await crowd.post(2, service);
    const frozenWhileSending = crowd.post(6, service);
    await waitFor(() => crowd.sent.length >= 2_500, ARRIVAL_MS, { intervalMs: 1 });
    stage.kafka.freeze();
    try {
      const since = Date.now();
      const before = crowd.sent.length;
      await frozenWhileSending;
      await promptHeartbeats(service);
      expect(await readiness(service)).toMatchObject({
        httpStatus: 200,
        status: 'degraded',
        dependencies: { database: 'up', kafka: 'down' },
      });
      await sleep(FROZEN_MS - (Date.now() - since));
      await waitFor(() => metric(service, 'analytics_outbox_rows_total', { outcome: 'failed' }), ARRIVAL_MS, {
        what: 'the relay has given up once, after all its attempts',
        intervalMs: 100,
      });
      // What was posted meanwhile cannot have been acknowledged.
      expect(await stage.waiting()).toBeGreaterThanOrEqual(crowd.sent.length - before);
    } finally {
      stage.kafka.thaw();
    }
    await crowd.post(2, service);
    await stage.drained();
    await stage.stop(service);
    expect(crowd.sent).toHaveLength(10_000);
    await expectAllPublished(stage, crowd);
  },
);

scene('connections that are cut and refused, twice, lose nothing', { alone: true }, async (stage) => {
  const service = await stage.start();
  const crowd = new Crowd(1_000);
  for (let time = 1; time <= 2; time++) {
    const target = crowd.sent.length + 1_000;
    const sending = crowd.post(4, service);
    await waitFor(() => crowd.sent.length >= target, ARRIVAL_MS, { intervalMs: 1 });
    stage.kafka.interrupt();
    const since = Date.now();
    const before = crowd.sent.length;
    await sending;
    await sleep(CUT_MS - (Date.now() - since));
    const waiting = await stage.waiting();
    expect(waiting).toBeGreaterThanOrEqual(crowd.sent.length - before);
    stage.kafka.restore();
    // It goes on by itself, before it is cut off again.
    await waitFor(async () => (await stage.waiting()) < waiting, ARRIVAL_MS, { intervalMs: 50 });
  }
  await crowd.post(2, service);
  await stage.drained();
  await stage.stop(service);
  expect(crowd.sent).toHaveLength(10_000);
  await expectAllPublished(stage, crowd);
});

for (const [outage, begin, end] of [
  [
    'refuses connections',
    async ({ database: { name } }: Stage, server: OwnerDatabase) => {
      await server.rows(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
      await server.rows(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = $1 AND application_name = 'analytics-presence-service'`,
        [name],
      );
    },
    async ({ database: { name } }: Stage, server: OwnerDatabase) => {
      await server.rows(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`);
    },
  ],
  [
    'refuses the service its rights',
    async ({ owner }: Stage) => {
      await owner.rows('REVOKE INSERT ON analytics_event_log FROM analytics_service');
    },
    async ({ owner }: Stage) => {
      await owner.rows('GRANT INSERT ON analytics_event_log TO analytics_service');
    },
  ],
] as const) {
  scene(`a database that ${outage} while accounts come in makes no dead letters`, {}, async (stage) => {
    const server = await OwnerDatabase.connect(testServices().databaseUrl);
    try {
      await stage.createIdentityTopic();
      const service = await stage.start();
      await stage.produce(accounts(0, 50, 0));
      await expectRecorded(stage, recorded(0, 50));
      await begin(stage, server);
      try {
        await stage.produce(accounts(50, 250, 0));
        // As often as a fault that nobody knows the reason of is tried, and more.
        await waitFor(
          async () =>
            (await metric(service, 'analytics_consumer_retries_total')) +
              (await consumed(stage, service, 'dead_lettered')) >=
            5,
          ARRIVAL_MS,
          { what: 'the message that comes next is tried five times', intervalMs: 100 },
        );
        expect(await deadLetters(stage)).toBe(0);
        const answer = await postJson(`${service.url}/analytics/events`, { events: [event()] });
        expectProblem(answer, 503, 'database_unavailable');
      } finally {
        await end(stage, server);
      }
      await expectRecorded(stage, recorded(0, 250));
      expect(await deadLetters(stage)).toBe(0);
      expect(await consumed(stage, service, 'handled')).toBe(250);
      await stage.stop(service);
    } finally {
      await server.close();
    }
  });
}

scene(
  'a message that cannot be read among good ones becomes a dead letter, and nothing else does',
  {},
  async (stage) => {
    const big = 'x'.repeat(200_000);
    const good: { message: RawMessage; account: Account }[] = [
      { user: BIGGEST_ID, install: 'phone-of-li-wei', at: '2026-01-15T07:38:11.384+08:00' },
      { user: '9007199254740993', at: '2025-06-15T04:00:00.001Z' },
      { user: '1' },
      // A number, as far as it is exact, and a field nobody knows.
      { user: '77', value: `{"occurredAt":"${AT}","payload":{"userId":77,"note":"${big}"}}` },
      { user: '42' },
      { user: '43' },
    ].map(({ user, install, at = AT, value }, i) => ({
      message: { key: KEY, value: value ?? account({ user, install, at }), partition: i % PARTITIONS },
      account: {
        user,
        install: install ?? 'identity-service',
        at: new Date(at).toISOString(),
        name: 'user_account_created',
      },
    }));
    const bad: { readonly reason: string; readonly value: string | Buffer | null }[] = [
      { reason: 'message_not_json', value: Buffer.from([0x7b, 0xff, 0x22]) },
      { reason: 'message_not_json', value: null },
      { reason: 'message_not_json', value: '' },
      { reason: 'message_not_json', value: big },
      { reason: 'message_invalid', value: '{}' },
      { reason: 'message_invalid', value: '[]' },
      { reason: 'message_invalid', value: account({ user: '5', at: '2025-06-15T04:00:00' }) },
      { reason: 'user_id_invalid', value: `{"occurredAt":"${AT}","payload":{}}` },
      { reason: 'user_id_invalid', value: `{"occurredAt":"${AT}","payload":{"userId":9007199254740993}}` },
      { reason: 'user_id_invalid', value: account({ user: '9223372036854775808' }) },
      { reason: 'install_id_invalid', value: account({ user: '5', install: 'short' }) },
      { reason: 'event_in_future', value: account({ user: '5', at: '2999-01-01T00:00:00Z' }) },
    ];
    const unknown: RawMessage[] = [
      { key: 'user.account.deleted', value: account({ user: '5' }), partition: 0 },
      { key: null, value: account({ user: '5' }), partition: 1 },
      { key: 'unknown', value: 'no JSON', partition: 2 },
    ];
    const poison = bad.map(({ value }, i): RawMessage => ({
      key: KEY,
      value,
      partition: i % PARTITIONS,
      headers: { trace: `trace-${i}` },
    }));
    // Good ones before, between and after.
    const messages = [
      ...good.slice(0, 4).map(({ message }) => message),
      ...poison.slice(0, 6),
      ...unknown,
      ...good.slice(4).map(({ message }) => message),
      ...poison.slice(6),
      ...accounts(0, 8),
    ];
    const sourceOf = (message: RawMessage): { partition: string; offset: string } => ({
      partition: String(message.partition),
      offset: String(messages.filter(({ partition }) => partition === message.partition).indexOf(message)),
    });
    const expectedAccounts = [...good.map(({ account: each }) => each), ...recorded(0, 8)].sort((a, b) =>
      BigInt(a.user) < BigInt(b.user) ? -1 : 1,
    );
    const expectedLetters = poison.map((message, i) => ({
      key: KEY,
      // kcat has replacement characters where bytes are no UTF-8, and makes no difference between empty and none.
      payload: message.value === null || message.value === '' ? null : message.value.toString(),
      headers: {
        trace: `trace-${i}`,
        'dlq-reason': bad[i]!.reason,
        'dlq-detail': expect.stringMatching(/\w/),
        'dlq-source-topic': stage.identityTopic,
        'dlq-source-partition': sourceOf(message).partition,
        'dlq-source-offset': sourceOf(message).offset,
        'dlq-source-timestamp': expect.stringMatching(/^20\d\d-\d\d-\d\dT[\d:.]{12}Z$/),
        'dlq-failed-at': expect.stringMatching(/^20\d\d-\d\d-\d\dT[\d:.]{12}Z$/),
      },
    }));
    const traceOf = ({ headers }: { headers: Readonly<Record<string, string>> }) =>
      Number(headers['trace']?.slice('trace-'.length));
    const letters = async () =>
      (await readAll(stage.kafka, `${stage.identityTopic}.dlq`))
        .map(({ key, payload, headers }) => ({ key, payload: payload === '' ? null : payload, headers }))
        .sort((a, b) => traceOf(a) - traceOf(b));

    await stage.createIdentityTopic();
    await stage.produce(messages);
    const service = await stage.start();
    await expectRecorded(stage, expectedAccounts);
    expect(await letters()).toEqual(expectedLetters);
    const outcomes = async () => ({
      handled: await consumed(stage, service, 'handled'),
      skipped: await consumed(stage, service, 'skipped'),
      dead: await consumed(stage, service, 'dead_lettered'),
    });
    expect(await outcomes()).toEqual({
      handled: expectedAccounts.length,
      skipped: unknown.length,
      dead: bad.length,
    });

    // All of them are put back, and one that is known already, as if it had been mended.
    const replay = await runBuilt('src/cli/dlq-replay.js', [], stage.settings());
    expect(replay).toMatchObject({ exitCode: 0 });
    expect(replay.output).toContain(
      `${bad.length} replayed to ${stage.identityTopic}, of ${bad.length} dead letters`,
    );
    const [{ message: known }] = good as [(typeof good)[0]];
    const source = sourceOf(known);
    await stage.produce([
      {
        ...known,
        partition: 1,
        headers: {
          'dlq-source-topic': stage.identityTopic,
          'dlq-source-partition': source.partition,
          'dlq-source-offset': source.offset,
        },
      },
    ]);
    await expectRecorded(stage, expectedAccounts);
    expect(await letters()).toEqual(expectedLetters.flatMap((letter) => [letter, letter]));
    expect(await outcomes()).toEqual({
      handled: expectedAccounts.length + 1,
      skipped: unknown.length,
      dead: 2 * bad.length,
    });
    await stage.stop(service);
  },
);

scene(
  'a broker that is gone for good, with another in its place, loses nothing',
  { alone: true },
  async (stage) => {
    const crowd = new Crowd(500);
    const first = await stage.start();
    await crowd.post(3, first);
    const sending = crowd.post(4, first);
    await waitFor(() => crowd.sent.length >= 2_000, ARRIVAL_MS, { intervalMs: 1 });
    stage.kafka.interrupt();
    await sending;
    await stage.stop(first);

    const before = await stage.published();
    const waiting = await stage.waitingIds();
    const safe = new Set([...before.map(({ headers }) => headers['event-id']), ...waiting]);
    expect(crowd.sent.filter(({ eventId }) => !safe.has(eventId))).toEqual([]);
    expect(waiting.length).toBeGreaterThan(0);

    const second = await stage.start(shared);
    await crowd.post(3, second);
    await stage.drained();
    await stage.stop(second);
    const after = await stage.published(shared);
    // Where the cluster was given from outside, it is one and the same.
    const isOther = shared.steadyBrokers !== stage.kafka.steadyBrokers;
    expect(crowd.sent).toHaveLength(5_000);
    expect(sessionFaults(crowd.sent, isOther ? [...before, ...after] : after)).toEqual([]);
    const arrived = new Set(after.map(({ headers }) => headers['event-id']));
    expect(waiting.filter((id) => !arrived.has(id))).toEqual([]);
  },
);

scene(
  'a service that is stopped while its broker is frozen ends in time, and its successor goes on',
  { alone: true },
  async (stage) => {
    const crowd = new Crowd(200);
    const service = await stage.start();
    await crowd.post(1, service);
    await promptHeartbeats(service);
    await stage.drained();
    stage.kafka.freeze();
    try {
      await crowd.post(2, service);
      await promptHeartbeats(service);
      // Now the relay waits for an answer.
      await sleep(1_000);
      const begin = Date.now();
      await stage.stop(service);
      expect(Date.now() - begin).toBeLessThan(STOP_BOUND_MS);
      expect(await stage.waiting()).toBe(400);
    } finally {
      stage.kafka.thaw();
    }
    const successor = await stage.start();
    await stage.drained();
    await stage.stop(successor);
    await expectAllPublished(stage, crowd);
  },
);

scene(
  'two services on one database and topic publish everything, each subject in order',
  { services: 2 },
  async (stage) => {
    const services = await Promise.all([stage.start(), stage.start()]);
    const crowd = new Crowd(1_000);
    // First there is more than they take at once: whoever takes what follows must not be the faster one.
    await whileLanesAreHeld(stage, () => crowd.post(9, ...services));
    await crowd.post(1, ...services);
    await stage.drained();
    const failures = await Promise.all(
      services.map((service) => metric(service, 'analytics_outbox_rows_total', { outcome: 'failed' })),
    );
    await Promise.all(services.map((service) => stage.stop(service)));
    expect(crowd.sent).toHaveLength(10_000);
    await expectAllPublished(stage, crowd);
    // They have shared the work, unless something had to be sent again.
    if (failures.every((count) => count === 0)) expect(await stage.sessionIds()).toHaveLength(10_000);
  },
);

scene(
  'a relay that is killed after the broker had a batch and before its rows were removed sends it again',
  {},
  async (stage) => {
    const held = await gate(stage, 'UPDATE', 'analytics_outbox_lanes');
    const crowd = new Crowd(1_000);
    const first = await stage.start();
    // A sender that finds nothing yet would rest until the other is done.
    await whileLanesAreHeld(stage, () => crowd.post(10, first));
    // Each of its two senders has published a batch and is about to commit.
    await waitFor(async () => (await held.waiting()) === 2, ARRIVAL_MS, {
      what: 'both senders are at the gate',
    });
    await stage.kill(first);
    await held.open();
    await forgotten(stage);
    const early = await stage.sessionIds();
    expect(early.length).toBeGreaterThan(0);
    expect(await stage.waiting()).toBe(10_000);

    const second = await stage.start();
    await stage.drained();
    await stage.stop(second);
    await expectAllPublished(stage, crowd);
    const ids = await stage.sessionIds();
    expect(ids).toHaveLength(10_000 + early.length);
    expect(new Set(ids).size).toBe(10_000);
  },
);

scene(
  'a service that is stopped under load ends with 0, and what it has accepted is published',
  {},
  async (stage) => {
    const service = await stage.start();
    const load = new Load(service.url, { clients: 4, batchSize: 20 });
    const accepted: Beat[] = [];
    const beating = Array.from({ length: 4 }, async (_, i) => {
      const userId = String(BigInt(BIGGEST_ID) - BigInt(i));
      const token = signToken({ userId });
      for (;;) {
        const one = await beat(service, userId, token).catch(() => undefined);
        // No answer, since it has gone
        if (one === undefined) return;
        expect({ status: one.answer.status, text: one.answer.text }).toMatchObject({ status: 200 });
        accepted.push(one.beat);
      }
    });
    await waitFor(() => load.answered > 100 && accepted.length > 200, ARRIVAL_MS, { intervalMs: 1 });
    const begin = Date.now();
    await stage.stop(service);
    expect(Date.now() - begin).toBeLessThan(STOP_BOUND_MS);
    await Promise.all(beating);
    const sent = await load.result();
    expect(sent.filter(({ status }) => status !== 200 && status !== 503 && status !== undefined)).toEqual([]);
    const sessions = sent.filter(({ status }) => status === 200).flatMap(({ events }) => events);

    const published = await stage.published();
    const beats = published.filter(({ key }) => key === HEARTBEAT);
    expect(beats.flatMap(contractFaults)).toEqual([]);
    expect(missingBeats(accepted, beats)).toEqual([]);
    const safe = new Set([
      ...published.map(({ headers }) => headers['event-id']),
      ...(await stage.waitingIds()),
    ]);
    expect(sessions.filter(({ eventId }) => !safe.has(eventId))).toEqual([]);

    const successor = await stage.start();
    await stage.drained();
    await stage.stop(successor);
    // What got no answer may have been stored all the same.
    const possible = sent.flatMap(({ events, status }) => (status === 200 ? [] : events));
    const ids = new Set((await stage.published()).map(({ headers }) => headers['event-id']));
    const stored = possible.filter(({ eventId }) => ids.has(eventId));
    await expectAllPublished(stage, { sent: [...sessions, ...stored] });
  },
);

scene(
  'a service that is started before its broker takes everything, and publishes it later',
  { alone: true },
  async (stage) => {
    stage.kafka.interrupt();
    const service = await stage.start();
    const crowd = new Crowd(200);
    await crowd.post(3, service);
    await promptHeartbeats(service);
    const dependencies = { database: 'up', kafka: 'down' };
    expect(await readiness(service)).toMatchObject({ httpStatus: 200, status: 'degraded', dependencies });
    await crowd.post(2, service);
    expect(await stage.waiting()).toBe(1_000);

    stage.kafka.restore();
    await stage.drained();
    expect(await readiness(service)).toMatchObject({ httpStatus: 200, status: 'ok' });
    const beats = await promptHeartbeats(service);
    const subscriber = await subscribe(stage.kafka.steadyBrokers, stage.topic, {
      validate: (message) => {
        expect(contractFaults(message)).toEqual([]);
      },
    });
    try {
      await subscriber.messages(SESSION, 1_000);
      await waitFor(() => missingBeats(beats, subscriber.received).length === 0, ARRIVAL_MS, {
        what: 'the heartbeats arrive',
      });
    } finally {
      await subscriber.close();
    }
    await stage.stop(service);
    await expectAllPublished(stage, crowd);
  },
);

scene('ids of 64 bits are read by a client in C as they were posted', {}, async (stage) => {
  const service = await stage.start();
  const sent = [BIGGEST_ID, '9007199254740993'].map((userId) => event({ userId }));
  await post(service, sent);
  await stage.drained();
  const count = await lengthOf(shared, stage.topic);
  const { lines } = await readTopicWithKcat(shared.steadyBrokers, stage.topic, { count });
  for (const { userId, eventId } of sent) {
    expect(lines.find((line) => line.includes(eventId))).toContain(`\\"userId\\":\\"${userId}\\"`);
  }
  expect(sessionFaults(sent, await stage.published())).toEqual([]);
  await stage.stop(service);
});

/** All of them begin with the first test, and each test is the end of one. */
const endings = new Map<string, Promise<void>>();

it.each(plays.map(({ title }) => title))(
  '%s',
  async (title) => {
    if (endings.size === 0) {
      for (const each of plays) {
        const ending = perform(each);
        ending.catch(() => undefined); // its test tells
        endings.set(each.title, ending);
      }
    }
    await endings.get(title);
  },
  300_000,
);
