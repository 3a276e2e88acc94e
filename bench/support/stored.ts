import type { BenchServers } from './bench-servers.js';

/** The log's columns and indexes, and nothing else. */
const BARE_LOG_SQL = `
CREATE TABLE IF NOT EXISTS bench_log (LIKE analytics_event_log INCLUDING ALL);
TRUNCATE bench_log;
`;

/** As after the installation, and with nothing left to write. Only a superuser gets past the log's triggers. */
export async function emptyLog({ owner }: BenchServers): Promise<void> {
  await owner.query(BARE_LOG_SQL);
  await owner.query('SET session_replication_role = replica');
  await owner.query(
    'TRUNCATE analytics_event_log, analytics_daily_actives, analytics_outbox, analytics_dau_pending',
  );
  await owner.query('SET session_replication_role = origin');
  await owner.query('CHECKPOINT');
}

export async function storedEvents({ owner }: BenchServers): Promise<number> {
  const { rows } = await owner.query<{ n: number }>('SELECT count(*)::int AS n FROM analytics_event_log');
  return rows[0]?.n ?? 0;
}

/** Of a day that {@link fillDay} fills. */
export function activesOf(events: number): number {
  return Math.round(events * 0.175);
}

/**
 * A day as it is when its events have come: half of them sessions, 35 actives to 100 sessions, in 34 provinces and 340
 * cities; three actives in ten are installs without a user.
 */
export async function fillDay({ owner }: BenchServers, day: string, events: number): Promise<void> {
  const actives = activesOf(events);
  await owner.query(`SELECT analytics_ensure_partitions($1::date, $1::date)`, [day]);
  await fillLog(owner, { day, events, actives });
  await owner.query(
    `INSERT INTO analytics_daily_actives (day, level, place, identity)
     SELECT $1::date, p.level, p.place, CASE WHEN u % 10 < 7 THEN 'u:' || u ELSE 'i:install-' || u END
     FROM generate_series(1, $2::int) AS u
     CROSS JOIN LATERAL (VALUES (0::smallint, ''), (1::smallint, 'province ' || u % 34), (2::smallint, 'city ' || u % 340))
       AS p (level, place)
     ORDER BY hashint4(u)`,
    [day, actives],
  );
  await owner.query('VACUUM ANALYZE analytics_event_log, analytics_daily_actives');
}

/** Events of a day's first `untilMs` milliseconds, evenly, in portions that a progress line can follow. */
export async function fillLog(
  owner: BenchServers['owner'],
  of: { readonly day: string; readonly events: number; readonly actives: number; readonly untilMs?: number },
): Promise<void> {
  const portion = 1_000_000;
  for (let first = 1; first <= of.events; first += portion) {
    await owner.query(
      `INSERT INTO analytics_event_log (event_id, event_time, user_id, install_id, event_name, properties)
       SELECT gen_random_uuid(),
              $1::date::timestamp AT TIME ZONE 'Asia/Shanghai' + (i - 1) * $4::float8 / $5 * interval '1 ms',
              CASE WHEN u % 10 < 7 THEN u END, 'install-' || u,
              CASE WHEN i % 2 = 0 THEN 'app_session_start' ELSE 'page_view' END,
              format('{"os": "HarmonyOS", "appVersion": "2.4.0", "province": "province %s", "city": "city %s"}',
                     u % 34, u % 340)::jsonb
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
