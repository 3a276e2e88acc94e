import { DatabaseError } from 'pg';

import { waitFor } from '../../test/support/processes.js';
import { MAX_EVENT_AGE_MS } from './bench-events.js';
import type { BenchServers } from './bench-servers.js';

/** A database with a log, by the connection of its owner. */
export type BenchLog = Pick<BenchServers, 'owner'>;

/** A table with the log's columns and indexes, and without its triggers and partitions. */
const BARE_LOG_SQL = `
CREATE TABLE IF NOT EXISTS bench_log (LIKE analytics_event_log INCLUDING ALL);
TRUNCATE bench_log;
`;
const TRUNCATE_SQL =
  'TRUNCATE analytics_event_log, analytics_daily_actives, analytics_outbox, analytics_dau_pending';
/** The longest wait for the table lock, because the service's statements queue behind it. */
const LOCK_TIMEOUT_MS = 2_000;
const LOCK_ATTEMPTS = 5;
const LOCK_FAILURES = ['55P03', '40P01'];
const QUIET_TIMEOUT_MS = 60_000;
/** The interval between two equal counts of a quiet log; a flush ends within it. */
const QUIET_INTERVAL_MS = 250;

/** Empties the log once the outbox is drained. The superuser's replica role bypasses the log's triggers. */
export async function emptyLog(log: BenchLog): Promise<void> {
  const { owner } = log;
  await waitForEmptyOutbox(log);
  await owner.query(BARE_LOG_SQL);
  await owner.query(`SET session_replication_role = replica; SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
  try {
    await truncate(owner);
  } finally {
    await owner.query('SET session_replication_role = origin; RESET lock_timeout');
  }
  await owner.query('CHECKPOINT');
}

/** Empties the limit's table and keeps the service's log. */
export async function emptyBareLog(log: BenchLog): Promise<void> {
  await waitForEmptyOutbox(log);
  await log.owner.query(BARE_LOG_SQL);
  await log.owner.query('CHECKPOINT');
}

/** Waits until the service has published everything that it acknowledged. */
export async function waitForEmptyOutbox({ owner }: BenchLog): Promise<void> {
  await waitFor(
    async () => {
      const { rows } = await owner.query('SELECT FROM analytics_outbox LIMIT 1');
      return rows.length === 0;
    },
    QUIET_TIMEOUT_MS,
    { what: 'the outbox is empty, all its messages published', intervalMs: 50 },
  );
}

/** Returns the earliest time that an event of a load starting now can have. */
export function earliestEventTime(): Date {
  return new Date(Date.now() - MAX_EVENT_AGE_MS);
}

/** Counts the stored events since `from`; the index keeps this fast in a full log. */
export async function countStoredEvents({ owner }: BenchLog, from = new Date(0)): Promise<number> {
  const { rows } = await owner.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM analytics_event_log WHERE event_time >= $1',
    [from],
  );
  return rows[0]?.n ?? 0;
}

/** Counts the stored events since `from` once in-flight requests of an ended load have been stored. */
export async function countStoredEventsWhenQuiet(log: BenchLog, from: Date): Promise<number> {
  let before = -1;
  return waitFor(
    async () => {
      const now = await countStoredEvents(log, from);
      const isQuiet = now === before;
      before = now;
      return isQuiet ? { now } : null;
    },
    QUIET_TIMEOUT_MS,
    { what: 'the number of stored events stays the same', intervalMs: QUIET_INTERVAL_MS },
  ).then(({ now }) => now);
}

async function truncate(owner: BenchServers['owner']): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await owner.query(TRUNCATE_SQL);
      return;
    } catch (error) {
      const isLock = error instanceof DatabaseError && LOCK_FAILURES.includes(error.code ?? '');
      if (!isLock || attempt === LOCK_ATTEMPTS) throw error;
    }
  }
}
