// Stores each app session once in a PostgreSQL table and prints each new one as a JSON line. Creates the table.
//
//   KAFKA_BROKERS=localhost:9092 SUBSCRIBER_DATABASE_URL=postgresql://localhost/sessions node subscriber-kafkajs.mjs

// Requires the packages kafkajs and pg. SIGTERM ends it after the current write. Messages go to standard error.
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';

const { env } = process;
const brokers = (env.KAFKA_BROKERS || 'localhost:9092').split(',');
const topic = env.KAFKA_TOPIC_ANALYTICS || 'analytics-events';
const groupId = env.KAFKA_GROUP || 'session-store';
const connectionString = env.SUBSCRIBER_DATABASE_URL || 'postgresql://localhost:5432/sessions';

const EVENT_TYPE = 'analytics.session.started';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const CHUNK = 500;

// A bigint column holds 64-bit ids, and pg returns them as strings: a JavaScript number would lose digits.
const CREATE = `CREATE TABLE IF NOT EXISTS subscriber_sessions (
  event_id uuid PRIMARY KEY, user_id bigint, install_id text NOT NULL, occurred_at timestamptz NOT NULL, payload jsonb NOT NULL)`;
// One statement writes sessions and their event ids in the same rows, and returns the new ones only.
const INSERT = `INSERT INTO subscriber_sessions (event_id, user_id, install_id, occurred_at, payload)
  SELECT id, (p->>'userId')::bigint, p->>'installId', (p->>'occurredAt')::timestamptz, p
  FROM unnest($1::uuid[], $2::jsonb[]) AS s (id, p) ON CONFLICT (event_id) DO NOTHING RETURNING event_id, payload`;

const pool = new pg.Pool({ connectionString, max: 3 });
// A broken idle connection must not end the process; the next query opens another.
pool.on('error', (error) => console.error(`database: ${error.message}`));
await pool.query(CREATE);

// kafkajs logs information to standard output, which is for events here, and warnings to standard error.
const kafka = new Kafka({ clientId: 'session-store', brokers, logLevel: logLevel.WARN });
const consumer = kafka.consumer({
  groupId,
  sessionTimeout: 10_000, // another member takes over from a killed process after this time
  maxWaitTimeInMs: 1_000, // a stop waits for the fetch in flight
});
consumer.on(consumer.events.CRASH, ({ payload }) => {
  // kafkajs restarts after most failures. After the others the process ends, so that a supervisor restarts it.
  if (!payload.restart) process.exit(stopping ? 0 : 1);
});
// Ends the running consumer from within, after the current write.
// kafkajs 2.2 can hang when disconnect() is called while a broker disappears.
let stopping = false;
consumer.on(consumer.events.FETCH_START, () => {
  if (stopping) throw Object.assign(new Error('stopping'), { retriable: false });
});
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => (stopping = true));

await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true }); // a new group starts with the oldest record
await consumer.run({
  autoCommit: false, // offsets are committed below, after the write
  eachBatchAutoResolve: false, // a batch that is left early is not complete
  eachBatch: async ({ batch, resolveOffset, uncommittedOffsets, commitOffsetsIfNecessary, ...state }) => {
    for (let start = 0; start < batch.messages.length; start += CHUNK) {
      // The rest is delivered again, here or to another member, after a stop or a move to another offset.
      if (stopping || !state.isRunning() || state.isStale()) return;
      const chunk = batch.messages.slice(start, start + CHUNK);
      // An error here commits nothing, and kafkajs delivers the same messages again.
      for (const event of await store(chunk.flatMap((message) => toSession(batch.partition, message)))) {
        console.log(JSON.stringify(event));
      }
      // The last offset decides where the group continues. A crash before the commit causes repeats, never gaps.
      for (const { offset } of chunk) resolveOffset(offset);
      await commitOffsetsIfNecessary(uncommittedOffsets());
      await state.heartbeat();
    }
  },
});

/** Nothing for other event types, and for what is no event at all: an unreadable record must not stop its partition. */
function toSession(partition, { key, value, headers, offset }) {
  if (key?.toString() !== EVENT_TYPE) return [];
  const eventId = headers?.['event-id']?.toString() ?? '';
  try {
    const { payload } = JSON.parse(value.toString());
    if (!UUID.test(eventId)) throw new Error('no event-id');
    if (payload.userId !== null && !isUserId(payload.userId)) throw new Error('no userId');
    // PostgreSQL stores neither U+0000 nor lone surrogates; one such value would fail its whole chunk on every attempt.
    if (/\\u0000|\\ud[89a-f]/.test(JSON.stringify(payload))) throw new Error('broken text');
    if (typeof payload.installId !== 'string' || !isInstant(payload.occurredAt))
      throw new Error('no session');
    return [{ eventId, payload }];
  } catch (error) {
    console.error(`passed over: partition ${partition}, offset ${offset}: ${error.message}`);
    return [];
  }
}

function isUserId(text) {
  return typeof text === 'string' && /^[1-9]\d{0,18}$/.test(text) && BigInt(text) < 2n ** 63n;
}

/** The way back catches days that do not exist. */
function isInstant(text) {
  return INSTANT.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString() === text;
}

async function store(sessions) {
  if (sessions.length === 0) return [];
  const columns = [sessions.map((s) => s.eventId), sessions.map((s) => JSON.stringify(s.payload))];
  const { rows } = await pool.query(INSERT, columns);
  return rows.map(({ event_id, payload }) => ({ event_id, eventType: EVENT_TYPE, payload }));
}
