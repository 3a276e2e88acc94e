import { randomUUID } from 'node:crypto';

import { expect } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';

import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { eventSchemaErrors } from '../../support/event-schemas.js';
import { postJson, request, signToken, type Answer } from '../../support/http.js';
import type { ProxiedKafka } from '../../support/kafka/cluster.js';
import { readTopicWithKcat } from '../../support/kafka/kcat.js';
import type { ReceivedMessage } from '../../support/kafka/subscriber.js';
import { committedOffset, produceRaw, type RawMessage } from '../../support/kafka/topics.js';
import { waitFor } from '../../support/processes.js';
import { settings, startService, type Service, type Settings } from '../../support/service.js';
import { event, nowSeconds, type WireEvent } from '../../support/events.js';
import { OwnerDatabase } from '../../support/owner-database.js';

/** For what comes by itself, on machines that have other things to do. */
export const ARRIVAL_MS = 120_000;
/** The service's bound for any answer, and half a second for a machine that is busy with other tests. */
const BOUND_MS = 2000 + 500;
/** Half of all heartbeats are faster than that, and by far: it is less than one attempt to reach a Kafka that is away. */
const USUAL_HEARTBEAT_MS = 400;
const HEARTBEATS = 40;

export const SESSION = 'analytics.session.started';
export const HEARTBEAT = 'presence.heartbeat.received';
export const PARTITIONS = 4;

/** A database, topics and a group that nobody else uses, and the services on them. */
export class Stage {
  readonly topic = `e2e-analytics-${randomUUID()}`;
  readonly identityTopic = `e2e-identity-${randomUUID()}`;
  private readonly group = `e2e-group-${randomUUID()}`;
  private readonly running = new Set<Service>();

  private constructor(
    readonly kafka: ProxiedKafka,
    readonly database: TestDatabase,
    readonly owner: OwnerDatabase,
  ) {}

  static async open(kafka: ProxiedKafka): Promise<Stage> {
    const database = await createTestDatabase();
    return new Stage(kafka, database, await OwnerDatabase.connect(database.ownerUrl));
  }

  async close(): Promise<void> {
    await Promise.all([...this.running].map((service) => service.stop('SIGKILL')));
    await this.owner.close();
    await this.database.drop();
  }

  // --- Services ---

  settings(kafka: ProxiedKafka = this.kafka): Settings {
    return {
      ...settings({ databaseUrl: this.database.serviceUrl }),
      KAFKA_BROKERS: kafka.brokers,
      KAFKA_TOPIC_ANALYTICS: this.topic,
      KAFKA_TOPIC_IDENTITY: this.identityTopic,
      KAFKA_CONSUMER_GROUP: this.group,
      KAFKA_TOPIC_PARTITIONS: String(PARTITIONS),
    };
  }

  async start(kafka: ProxiedKafka = this.kafka): Promise<Service> {
    const service = await startService({ env: this.settings(kafka) });
    this.running.add(service);
    return service;
  }

  /** As whoever deploys it does. */
  async stop(service: Service): Promise<void> {
    this.running.delete(service);
    const exitCode = await service.stop();
    if (exitCode !== 0) throw new Error(`It ended with ${exitCode}; it wrote:\n${service.output()}`);
  }

  /** As a crash would. */
  async kill(service: Service): Promise<void> {
    this.running.delete(service);
    expect(await service.stop('SIGKILL')).toBeNull();
  }

  // --- The outbox, and what is published ---

  async number(sql: string, values: readonly unknown[] = []): Promise<number> {
    const [row] = await this.owner.rows(sql, values);
    return Number(Object.values(row ?? {})[0]);
  }

  /** Sessions in it; calculated days come and go besides. */
  waiting(): Promise<number> {
    return this.number('SELECT count(*)::int FROM analytics_outbox WHERE type = $1', [SESSION]);
  }

  async waitingIds(): Promise<string[]> {
    return (await this.owner.rows('SELECT id::text FROM analytics_outbox')).map(({ id }) => String(id));
  }

  /** Until all that was accepted is acknowledged by the brokers. */
  async drained(): Promise<void> {
    await waitFor(
      async () => (await this.number('SELECT count(*)::int FROM analytics_outbox')) === 0,
      ARRIVAL_MS,
      { what: 'the outbox is empty', intervalMs: 100 },
    );
  }

  /** All there is in the topic now, in the order of each partition. */
  async published(kafka: ProxiedKafka = this.kafka): Promise<ReceivedMessage[]> {
    return (await readAll(kafka, this.topic)).map(({ payload, key, ...message }) => ({
      ...message,
      key: key ?? undefined,
      value: JSON.parse(payload ?? 'null') as unknown,
    }));
  }

  /** The ids of the sessions in the topic, repeats included. */
  async sessionIds(): Promise<(string | undefined)[]> {
    const sessions = (await this.published()).filter(({ key }) => key === SESSION);
    return sessions.map(({ headers }) => headers['event-id']);
  }

  // --- The identity topic ---

  async createIdentityTopic(): Promise<void> {
    const admin = clientOf(this.kafka.brokers).admin();
    await admin.connect();
    try {
      await admin
        .createTopics({ topics: [{ topic: this.identityTopic, numPartitions: PARTITIONS }] })
        .catch((error: unknown) => {
          // The mock cluster makes topics when they are first used.
          if ((error as Error).name !== 'KafkaJSServerDoesNotSupportApiKey') throw error;
        });
    } finally {
      await admin.disconnect();
    }
  }

  produce(messages: readonly RawMessage[]): Promise<void> {
    return produceRaw(this.kafka.steadyBrokers, this.identityTopic, messages);
  }

  /** The offsets that the group has committed, by partition; a partition without messages counts as read. */
  async committed(): Promise<number[]> {
    const offsets: number[] = [];
    for (let partition = 0; partition < PARTITIONS; partition++) {
      offsets.push(
        Math.max(0, await committedOffset(this.kafka.brokers, this.group, this.identityTopic, partition)),
      );
    }
    return offsets;
  }

  /** What is in the log as recorded from the identity topic, by user. */
  async accounts(): Promise<readonly Account[]> {
    const rows = await this.owner.rows(
      `SELECT user_id::text AS user, install_id AS install, event_time AS at, event_name AS name
       FROM analytics_event_log ORDER BY user_id, event_id`,
    );
    return rows.map(({ user, install, at, name }) => ({
      user: String(user),
      install: String(install),
      at: (at as Date).toISOString(),
      name: String(name),
    }));
  }
}

export interface Account {
  readonly user: string;
  readonly install: string;
  readonly at: string;
  readonly name: string;
}

/** For those who watch; what goes wrong is thrown. */
function clientOf(brokers: string): Kafka {
  return new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
}

/** How many messages each partition of a topic has had, by partition; none for a topic that does not exist. */
export async function endsOf(kafka: ProxiedKafka, topic: string): Promise<number[]> {
  const admin = clientOf(kafka.steadyBrokers).admin();
  await admin.connect();
  try {
    if (!(await admin.listTopics()).includes(topic)) return [];
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.sort((a, b) => a.partition - b.partition).map(({ high }) => Number(high));
  } finally {
    await admin.disconnect();
  }
}

export async function lengthOf(kafka: ProxiedKafka, topic: string): Promise<number> {
  return (await endsOf(kafka, topic)).reduce((sum, end) => sum + end, 0);
}

export async function readAll(kafka: ProxiedKafka, topic: string) {
  const count = await lengthOf(kafka, topic);
  if (count === 0) return [];
  const { messages } = await readTopicWithKcat(kafka.steadyBrokers, topic, { count, timeoutMs: ARRIVAL_MS });
  return [...messages].sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}

// --- Requests -----------------------------------------------------------------------------------------------------

/** What a database on a busy machine may make of a request; the client sends it again. Kafka has no part in it. */
const TOO_BUSY = new Set(['database_too_slow', 'database_unavailable', 'overloaded']);

/** Posts a batch that must be taken whole, in the time any answer may take, whatever happens to Kafka. */
export async function post(service: Service, events: readonly WireEvent[]): Promise<void> {
  for (;;) {
    const answer = await postJson(`${service.url}/analytics/events`, { events });
    expect({ text: answer.text, timely: answer.milliseconds < BOUND_MS }).toMatchObject({ timely: true });
    const { accepted, duplicates, code } = answer.body as {
      accepted: number;
      duplicates: number;
      code?: string;
    };
    if (answer.status === 503 && TOO_BUSY.has(code ?? '')) continue;
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
    expect(accepted + duplicates).toBe(events.length);
    return;
  }
}

export interface Beat {
  readonly userId: string;
  readonly installId: string;
}

/** A heartbeat from an install of its own, by which it is found again. */
export async function beat(
  service: Service,
  userId: string,
  token: string,
): Promise<{ beat: Beat; answer: Answer }> {
  const installId = `install-${randomUUID()}`;
  const body = { installId, appVersion: '1', clientTs: nowSeconds() };
  const answer = await postJson(`${service.url}/presence/heartbeat`, body, { token });
  return { beat: { userId, installId }, answer };
}

/** One heartbeat after the other, none of which waits for Kafka. @returns them */
export async function promptHeartbeats(service: Service): Promise<Beat[]> {
  const userId = '9223372036854775807';
  const token = signToken({ userId });
  const beats: Beat[] = [];
  const milliseconds: number[] = [];
  for (let i = 0; i < HEARTBEATS; i++) {
    const { beat: one, answer } = await beat(service, userId, token);
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
    beats.push(one);
    milliseconds.push(answer.milliseconds);
  }
  milliseconds.sort((a, b) => a - b);
  expect(milliseconds[HEARTBEATS / 2]).toBeLessThan(USUAL_HEARTBEAT_MS);
  expect(milliseconds.at(-1)).toBeLessThan(BOUND_MS);
  return beats;
}

export async function readiness(service: Service): Promise<unknown> {
  const { status, body } = await request(`${service.url}/health/ready`);
  return { httpStatus: status, ...(body as object) };
}

/** The value of a metric at `/metrics`; 0 for one that has no such series. */
export async function metric(
  service: Service,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const { text } = await request(`${service.url}/metrics`);
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const line = text
    .split('\n')
    .find((each) => /^[^{ ]+/.exec(each)?.[0] === name && pairs.every((pair) => each.includes(pair)));
  return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ') + 1));
}

// --- A crowd ------------------------------------------------------------------------------------------------------

const BATCH_SIZE = 100;
const SENDERS = 3;

/**
 * Users, and some installs without one, whose sessions are posted in rounds: one session of each subject a round, in
 * batches of a hundred, a subject's next one after the one before was answered.
 */
export class Crowd {
  /** All that was answered with success; a subject's sessions in the order they happened. */
  readonly sent: WireEvent[] = [];
  private readonly groups: readonly (readonly Partial<WireEvent>[])[];
  private readonly begin = Math.floor(nowSeconds()) - 600;
  private round = 0;
  private turn = 0;

  constructor(subjects: number) {
    // In the upper half of 64 bits.
    const first = 2n ** 62n + BigInt(Math.floor(Math.random() * 1e9)) * 100_000n;
    const everybody = Array.from({ length: subjects }, (_, i) => ({
      installId: `install-${randomUUID()}`,
      ...(i % 10 !== 0 && { userId: String(first + BigInt(i)) }),
    }));
    this.groups = Array.from({ length: Math.ceil(subjects / BATCH_SIZE) }, (_, i) =>
      everybody.slice(i * BATCH_SIZE, (i + 1) * BATCH_SIZE),
    );
  }

  /** Posts as many rounds, to these services in turn. */
  async post(rounds: number, ...services: readonly Service[]): Promise<void> {
    const [from, to] = [this.round, (this.round += rounds)];
    const groups = [...this.groups];
    const sender = async (): Promise<void> => {
      for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
        for (let round = from; round < to; round++) {
          const events = group.map((subject) =>
            event({ ...subject, clientTs: this.begin + round, properties: { appVersion: '1.0', os: 'iOS' } }),
          );
          await post(services[this.turn++ % services.length]!, events);
          this.sent.push(...events);
        }
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
  }
}

/**
 * What is wrong with the sessions that arrived, by what was sent: each at least once, as it was sent and as the
 * contract says, repeats under the same id, and each subject in one partition and, without repeats, in order.
 *
 * @param sent a subject's sessions in the order they happened
 * @param received in the order of each partition
 */
export function sessionFaults(
  sent: readonly WireEvent[],
  received: readonly ReceivedMessage[],
): readonly string[] {
  const faults: string[] = [];
  const byId = new Map(sent.map((one, index) => [one.eventId, { index, one }]));
  const seen = new Set<string>();
  const subjects = new Map<string, { partition: number; index: number }>();
  for (const message of received) {
    const { partition, offset, key, headers, value } = message;
    const where = `partition ${partition}, offset ${offset}`;
    faults.push(...contractFaults(message).map((fault) => `${where}: ${fault}`));
    if (key !== SESSION) continue;
    const id = headers['event-id'] ?? '';
    const known = byId.get(id);
    if (known === undefined) {
      faults.push(`${where}: nobody has sent ${id}`);
      continue;
    }
    const expected = JSON.stringify(asPublished(known.one));
    const actual = JSON.stringify(sorted(value));
    if (actual !== expected) faults.push(`${where}: ${actual}, not ${expected}`);
    if (seen.has(id)) continue;
    seen.add(id);
    const subject = known.one.userId ?? known.one.installId;
    const last = subjects.get(subject);
    if (last !== undefined && last.partition !== partition) {
      faults.push(`${where}: ${subject} is in partition ${last.partition} as well`);
    }
    if (last !== undefined && last.index > known.index) faults.push(`${where}: ${subject} is out of order`);
    subjects.set(subject, { partition, index: known.index });
  }
  const missing = sent.filter(({ eventId }) => !seen.has(eventId)).length;
  if (missing > 0) faults.push(`${missing} of ${sent.length} sessions are missing`);
  return summary(faults);
}

/** What is wrong with a message by the contract with subscribers. */
export function contractFaults({ key, headers, value }: ReceivedMessage): string[] {
  const faults = eventSchemaErrors(value);
  const { 'event-id': id, 'event-type': type, 'content-type': contentType, ...others } = headers;
  if (!/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(id ?? '')) faults.push(`event-id is ${id}`);
  if (type !== key) faults.push(`event-type is ${type}`);
  if (contentType !== 'application/json') faults.push(`content-type is ${contentType}`);
  if ((value as { eventType?: unknown }).eventType !== key) faults.push(`the key is ${key}`);
  if (Object.keys(others).length > 0) faults.push(`headers ${Object.keys(others).join(', ')}`);
  return faults;
}

function asPublished({ userId, installId, clientTs, properties }: WireEvent): unknown {
  const occurredAt = new Date(Math.round(clientTs * 1000)).toISOString();
  return sorted({
    eventType: SESSION,
    occurredAt,
    payload: { userId: userId ?? null, installId, occurredAt, metadata: properties ?? {} },
  });
}

/** The same with its fields in one order. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => [name, sorted(field)]),
  );
}

function summary(faults: readonly string[]): readonly string[] {
  return faults.length <= 10 ? faults : [...faults.slice(0, 9), `… ${faults.length} in all`, faults.at(-1)!];
}

// --- Scenes side by side ------------------------------------------------------------------------------------------

/** Lets as many services run at a time as a small machine can feed; who came first goes first. */
export class Seats {
  private readonly queue: { readonly wanted: number; readonly enter: () => void }[] = [];

  constructor(private free: number) {}

  async take(wanted: number): Promise<void> {
    await new Promise<void>((enter) => {
      this.queue.push({ wanted, enter });
      this.admit();
    });
  }

  leave(seats: number): void {
    this.free += seats;
    this.admit();
  }

  private admit(): void {
    for (let next = this.queue[0]; next && next.wanted <= this.free; next = this.queue[0]) {
      this.free -= next.wanted;
      this.queue.shift();
      next.enter();
    }
  }
}
