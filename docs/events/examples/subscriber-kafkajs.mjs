// Stores each app session once in a PostgreSQL table of its own, which it makes, and prints what is new: a JSON line each.
//
//   KAFKA_BROKERS=localhost:9092 SUBSCRIBER_DATABASE_URL=postgresql://localhost/sessions node subscriber-kafkajs.mjs
//
// Needs the packages kafkajs and pg. Everything else goes to standard error. SIGTERM ends it
// once what it is storing is stored.
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

// A bigint column takes 64-bit ids whole, and pg hands them out as strings: no JavaScript number ever holds one.
const CREATE = `CREATE TABLE IF NOT EXISTS subscriber_sessions (
  event_id uuid PRIMARY KEY, user_id bigint, install_id text NOT NULL, occurred_at timestamptz NOT NULL, payload jsonb NOT NULL)`;
// One statement, one commit: sessions and the ids that dedupe them are the same rows. Only what is new is returned.
const INSERT = `INSERT INTO subscriber_sessions (event_id, user_id, install_id, occurred_at, payload)
  SELECT id, (p->>'userId')::bigint, p->>'installId', (p->>'occurredAt')::timestamptz, p
  FROM unnest($1::uuid[], $2::jsonb[]) AS s (id, p) ON CONFLICT (event_id) DO NOTHING RETURNING event_id, payload`;

const pool = new pg.Pool({ connectionString, max: 3 });
// An idle connection that breaks must not end the process: the next query makes another.
pool.on('error', (error) => console.error(`database: ${error.message}`));
await pool.query(CREATE);

// kafkajs writes information to standard output, which is for events here; warnings go to standard error.
const kafka = new Kafka({ clientId: 'session-store', brokers, logLevel: logLevel.WARN });
const consumer = kafka.consumer({
  groupId,
  sessionTimeout: 10_000, // after this long others take over from a process that died
  maxWaitTimeInMs: 1_000, // a stop waits for the fetch under way
});
consumer.on(consumer.events.CRASH, ({ payload }) => {
  // kafkajs restarts after most failures. After the others nobody would consume: end, so that a supervisor sees it.
  if (!payload.restart) process.exit(stopping ? 0 : 1);
});
// Ends the running consumer from within, after what is being stored. kafkajs 2.2 can hang when it is told to disconnect
// in the moment in which a broker goes.
let stopping = false;
consumer.on(consumer.events.FETCH_START, () => {
  if (stopping) throw Object.assign(new Error('stopping'), { retriable: false });
});
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => (stopping = true));

await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true }); // a new group starts with what is already there
await consumer.run({
  autoCommit: false, // offsets are committed below, after the write
  eachBatchAutoResolve: false, // a batch that was left half way is not done
  eachBatch: async ({ batch, resolveOffset, uncommittedOffsets, commitOffsetsIfNecessary, ...state }) => {
    for (let start = 0; start < batch.messages.length; start += CHUNK) {
      // Asked to stop, or moved to another offset: the rest comes again, here or at another member of the group.
      if (stopping || !state.isRunning() || state.isStale()) return;
      const chunk = batch.messages.slice(start, start + CHUNK);
      // When this throws nothing is committed, and kafkajs brings the same messages again.
      for (const event of await store(chunk.flatMap((message) => toSession(batch.partition, message)))) {
        console.log(JSON.stringify(event));
      }
      // Ascending: the last one decides where the group goes on. A crash before the commit makes repeats, never gaps.
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
    // PostgreSQL stores neither U+0000 nor half a character; a value it refuses would fail its whole chunk, for ever.
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
