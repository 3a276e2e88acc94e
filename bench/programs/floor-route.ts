/**
 * Serves hand-written Fastify routes with the durable work of the service and nothing else: its flush statement,
 * ZADD, and Kafka records by its producer, without checks, limits, metrics or layers.
 */
import { createHmac, randomUUID } from 'node:crypto';

import Fastify from 'fastify';
import { Redis } from 'ioredis';
import { Pool } from 'pg';

import type { KafkaConfig } from '../../src/config/kafka.config.js';
import type { EventPayload } from '../../src/domain/events/domain-event.js';
import { toEventRecord } from '../../src/infrastructure/kafka/event-record.js';
import { createKafkaClient } from '../../src/infrastructure/kafka/kafka-client.js';
import { KafkaProducer } from '../../src/infrastructure/kafka/kafka-producer.js';
import type { OutboundMessage } from '../../src/infrastructure/outbox/event-transport.js';
import { FLUSH_SQL } from '../../src/infrastructure/persistence/event-log/flush-statement.js';
import { ONLINE_USERS_KEY } from '../../src/infrastructure/redis/presence-keys.js';
import { endWithParent } from '../support/end-with-parent.js';
import type { FloorSpec } from '../support/floor.js';
import { toFloorColumns, type FloorEvent } from '../support/floor-columns.js';

const ROWS_A_TAKE = 1000;
const TAKE_SQL = `DELETE FROM analytics_outbox WHERE sequence = ANY (ARRAY(SELECT sequence FROM analytics_outbox ORDER BY sequence LIMIT ${ROWS_A_TAKE})) RETURNING id, type, aggregateid, payload, occurred_at`;
/** The wait for more records or rows, as in the service. */
const LINGER_MS = 200;
const FLUSH_EVENTS = 1000;
/** Flushes at once, as in the service: more start beside one only when this many events wait. */
const FLUSHES = 3;
const EVENTS_FOR_ANOTHER = 100;

interface OutboxRow {
  readonly id: string;
  readonly type: string;
  readonly aggregateid: string;
  readonly payload: EventPayload;
  readonly occurred_at: Date;
}

interface Waiting {
  readonly events: readonly FloorEvent[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

endWithParent();
const spec = JSON.parse(process.argv[2] ?? '') as FloorSpec;
const pool = new Pool({ connectionString: spec.databaseUrl, max: FLUSHES + 1 });
const redis = new Redis({ host: spec.redis.host, port: spec.redis.port });
const kafka: KafkaConfig = {
  client: 'kafkajs',
  brokers: spec.brokers.split(','),
  tls: null,
  sasl: null,
  compression: 'gzip',
  topicAnalytics: spec.topic,
  topicIdentity: '',
  consumerGroup: '',
  newTopics: { partitions: 12, replicationFactor: -1 },
};
const producer = new KafkaProducer(createKafkaClient(kafka), kafka, spec.topic);
// Events of the last minute may belong to yesterday.
await pool.query(
  "SELECT analytics_ensure_partitions((now() - interval '1 day')::date, (now() + interval '1 day')::date)",
);

const users = new Map<string, string>();
let beats = new Map<string, number>();
let written = Promise.resolve();
let isWriting = false;
let heartbeats: OutboundMessage[] = [];
const queue: Waiting[] = [];
let flushes = 0;
let isFlushDue = false;
let isPublishing = false;

const server = Fastify({ bodyLimit: 1024 * 1024 });
server.post('/presence/heartbeat', async (request) => {
  const { installId } = request.body as { readonly installId: string };
  const userId = userOf(request.headers.authorization ?? '');
  const nowMs = Date.now();
  beats.set(userId, Math.floor(nowMs / 1000));
  await writeBeats();
  const occurredAt = new Date(nowMs);
  heartbeats.push({
    eventId: randomUUID(),
    eventType: 'presence.heartbeat.received',
    subject: `u:${userId}`,
    occurredAt,
    payload: { userId, installId, occurredAt: occurredAt.toISOString() },
  });
  return { ok: true, serverTs: Math.floor(nowMs / 1000) };
});
server.post('/analytics/events', async (request) => {
  const { events } = request.body as { readonly events: readonly FloorEvent[] };
  await new Promise<void>((resolve, reject) => {
    queue.push({ events, resolve, reject });
    startFlush();
  });
  return { accepted: events.length, duplicates: 0, failed: 0 };
});
setInterval(() => void publish().catch(fail), LINGER_MS);
console.log(`Listening on ${await server.listen({ host: '127.0.0.1', port: 0 })}`);

/** Verifies a token once. */
function userOf(authorization: string): string {
  let user = users.get(authorization);
  if (user === undefined) {
    const [header = '', claims = '', signature] = authorization.slice('Bearer '.length).split('.');
    const expected = createHmac('sha256', spec.secret).update(`${header}.${claims}`).digest('base64url');
    if (signature !== expected) throw new Error('The signature of the token is wrong');
    user = (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { readonly sub: string }).sub;
    users.set(authorization, user);
  }
  return user;
}

/** Writes the heartbeats of one turn of the event loop by one command; one command is in flight. */
function writeBeats(): Promise<void> {
  if (isWriting) return written;
  isWriting = true;
  written = written.then(async () => {
    await new Promise(setImmediate);
    isWriting = false;
    const pairs = [...beats].flatMap(([user, seconds]) => [seconds, user]);
    beats = new Map();
    await redis.zadd(ONLINE_USERS_KEY, 'GT', 'CH', ...pairs);
  });
  return written;
}

function startFlush(): void {
  if (isFlushDue || queue.length === 0) return;
  const waiting = queue.reduce((sum, { events }) => sum + events.length, 0);
  if (flushes >= (waiting >= EVENTS_FOR_ANOTHER ? FLUSHES : 1)) return;
  isFlushDue = true;
  setImmediate(() => {
    isFlushDue = false;
    void flush().catch(fail);
    startFlush();
  });
}

async function flush(): Promise<void> {
  const batch: Waiting[] = [];
  for (let size = 0; queue.length > 0 && size < FLUSH_EVENTS; size += batch.at(-1)?.events.length ?? 0)
    batch.push(queue.shift() as Waiting);
  if (batch.length === 0) return;
  flushes++;
  try {
    const values = toFloorColumns(batch.flatMap(({ events }) => events));
    await pool.query({ name: 'flush', text: FLUSH_SQL, values });
    for (const { resolve } of batch) resolve();
  } catch (error) {
    for (const { reject } of batch) reject(error);
  } finally {
    flushes--;
    startFlush();
  }
}

/** Publishes the heartbeats that wait and the messages of the outbox. */
async function publish(): Promise<void> {
  if (isPublishing) return;
  isPublishing = true;
  let taken: number;
  do {
    const { rows } = await pool.query<OutboxRow>(TAKE_SQL);
    const sessions = rows.map(
      ({ id, type, aggregateid, payload, occurred_at: occurredAt }): OutboundMessage => ({
        eventId: id,
        eventType: type,
        subject: aggregateid,
        occurredAt,
        payload,
      }),
    );
    const messages = [...heartbeats, ...sessions];
    heartbeats = [];
    if (messages.length > 0) await producer.send(messages.map(toEventRecord));
    taken = rows.length;
  } while (taken === ROWS_A_TAKE);
  isPublishing = false;
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}
