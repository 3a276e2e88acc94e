import { DatabaseError } from 'pg';

import { waitFor } from '../../test/support/processes.js';
import type { BenchServers } from './bench-servers.js';
import { REACH_BACK_MS } from './events.js';

/** The log's columns and indexes, and nothing else. */
const BARE_LOG_SQL = `
CREATE TABLE IF NOT EXISTS bench_log (LIKE analytics_event_log INCLUDING ALL);
TRUNCATE bench_log;
`;
const TRUNCATE_SQL =
  'TRUNCATE analytics_event_log, analytics_daily_actives, analytics_outbox, analytics_dau_pending';
/** Whoever waits for the lock makes the service wait behind him. */
const LOCK_TIMEOUT_MS = 2_000;
const LOCK_ATTEMPTS = 5;
const LOCK_FAILURES = ['55P03', '40P01'];
const REST_TIMEOUT_MS = 60_000;
/** Longer than a flush waits for another. */
const REST_MS = 250;

/** Installs and places as the load has them; `u` is the number of the user. */
const INSTALL = `'00000000-0000-4000-8000-' || lpad(u::text, 12, '0')`;
const PROVINCE = `'省份' || (u % 340 / 10 + 1)`;
const CITY = `'城市' || (u % 340 / 10 + 1) || '-' || (u % 10 + 1)`;

/** As after the installation, and with nothing left to write. Only a superuser gets past the log's triggers. */
export async function emptyLog(servers: BenchServers): Promise<void> {
  const { owner } = servers;
  await outboxEmptied(servers);
  await owner.query(BARE_LOG_SQL);
  await owner.query(`SET session_replication_role = replica; SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
  try {
    await truncate(owner);
  } finally {
    await owner.query('SET session_replication_role = origin; RESET lock_timeout');
  }
  await owner.query('CHECKPOINT');
}

/** The same for the limit alone: what the service has stored stays. */
export async function emptyBareLog(servers: BenchServers): Promise<void> {
  await outboxEmptied(servers);
  await servers.owner.query(BARE_LOG_SQL);
  await servers.owner.query('CHECKPOINT');
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

/** What the service has answered for and left for later is done. */
export async function outboxEmptied({ owner }: BenchServers): Promise<void> {
  await waitFor(
    async () => {
      const { rows } = await owner.query('SELECT FROM analytics_outbox LIMIT 1');
      return rows.length === 0;
    },
    REST_TIMEOUT_MS,
    { what: 'the outbox is empty, all its messages published', intervalMs: 50 },
  );
}

/** The first instant that events of a load which starts now can be of. */
export function earliestOfLoad(): Date {
  return new Date(Date.now() - REACH_BACK_MS);
}

/** From an instant on: then only those are counted, by the key, however full the log is. */
export async function storedEvents({ owner }: BenchServers, from = new Date(0)): Promise<number> {
  const { rows } = await owner.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM analytics_event_log WHERE event_time >= $1',
    [from],
  );
  return rows[0]?.n ?? 0;
}

/** The same, when nothing comes any more of what a load did not wait for at its end. */
export async function storedEventsAtRest(servers: BenchServers, from: Date): Promise<number> {
  let before = -1;
  return waitFor(
    async () => {
      const now = await storedEvents(servers, from);
      const isAtRest = now === before;
      before = now;
      return isAtRest ? { now } : null;
    },
    REST_TIMEOUT_MS,
    { what: 'no more events come in', intervalMs: REST_MS },
  ).then(({ now }) => now);
}

/** Of a day that {@link fillDay} fills. */
export function activesOf(events: number): number {
  return Math.round(events * 0.175);
}

/**
 * A day as it is when its events have come: half of them sessions, 35 actives to 100 sessions, in 34 provinces and 340
 * cities; three actives in ten are installs without a user.
 */
export async function fillDay(servers: BenchServers, day: string, events: number): Promise<void> {
  const { owner } = servers;
  const actives = activesOf(events);
  await owner.query(`SELECT analytics_ensure_partitions($1::date, $1::date)`, [day]);
  await fillLog(servers, { day, events, actives });
  await fillActives(servers, { day, first: 1, last: actives });
  await owner.query('VACUUM ANALYZE analytics_event_log, analytics_daily_actives');
}

/** Users `first` to `last`, each with a province and a city, in no order, as they come on a real day. */
export async function fillActives(
  { owner }: BenchServers,
  of: { readonly day: string; readonly first: number; readonly last: number },
): Promise<void> {
  await owner.query(
    `INSERT INTO analytics_daily_actives (day, level, place, identity)
     SELECT $1::date, p.level, p.place, CASE WHEN u % 10 < 7 THEN 'u:' || u ELSE 'i:' || ${INSTALL} END
     FROM generate_series($2::int, $3::int) AS u
     CROSS JOIN LATERAL (VALUES (0::smallint, ''), (1::smallint, ${PROVINCE}), (2::smallint, ${CITY})) AS p (level, place)
     ORDER BY hashint4(u)`,
    [of.day, of.first, of.last],
  );
}

/** Events of a day's first `untilMs` milliseconds, evenly, in portions that a progress line can follow. */
export async function fillLog(
  { owner }: BenchServers,
  of: { readonly day: string; readonly events: number; readonly actives: number; readonly untilMs?: number },
): Promise<void> {
  const portion = 1_000_000;
  for (let first = 1; first <= of.events; first += portion) {
    await owner.query(
      `INSERT INTO analytics_event_log (event_id, event_time, user_id, install_id, event_name, properties)
       SELECT gen_random_uuid(),
              $1::date::timestamp AT TIME ZONE 'Asia/Shanghai' + (i - 1) * $4::float8 / $5 * interval '1 ms',
              CASE WHEN u % 10 < 7 THEN u END, ${INSTALL},
              CASE WHEN i % 2 = 0 THEN 'app_session_start' ELSE 'page_view' END,
              format('{"os": "HarmonyOS", "appVersion": "2.4.0", "province": "%s", "city": "%s"}', ${PROVINCE}, ${CITY})::jsonb
       FROM generate_series($2::int, $3::int) AS i, LATERAL (SELECT (i / 2) % $6::int + 1 AS u) AS who`,
      [
        of.day,
        first,
        Math.min(first + portion - 1, of.events),
        of.untilMs ?? 86_400_000,
        of.events,
        of.actives,
      ],
    );
  }
}
