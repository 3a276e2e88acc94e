import type { BenchServers } from './bench-servers.js';

/** SQL for the installs and places that the load uses; `u` is the user's number. */
const INSTALL = `'00000000-0000-4000-8000-' || lpad(u::text, 12, '0')`;
const PROVINCE = `'省份' || (u % 340 / 10 + 1)`;
const CITY = `'城市' || (u % 340 / 10 + 1) || '-' || (u % 10 + 1)`;
const INSERT_CHUNK = 1_000_000;
const DAY_MS = 86_400_000;

/** Returns the number of actives in a day that {@link fillDay} fills. */
export function activesOf(events: number): number {
  return Math.round(events * 0.175);
}

/**
 * Fills a day with events, half of them sessions, and 35 actives per 100 sessions in 34 provinces and 340 cities.
 * Three in ten actives are installs without a user.
 */
export async function fillDay(servers: BenchServers, day: string, events: number): Promise<void> {
  const { owner } = servers;
  const actives = activesOf(events);
  await owner.query(`SELECT analytics_ensure_partitions($1::date, $1::date)`, [day]);
  await fillLog(servers, { day, events, actives });
  await fillActives(servers, { day, first: 1, last: actives });
  await owner.query('VACUUM ANALYZE analytics_event_log, analytics_daily_actives');
}

/** Adds users `first` to `last`, each with a province and a city, in random order as on a real day. */
export async function fillActives(
  { owner }: BenchServers,
  { day, first, last }: { readonly day: string; readonly first: number; readonly last: number },
): Promise<void> {
  await owner.query(
    `INSERT INTO analytics_daily_actives (day, level, place, identity)
     SELECT $1::date, p.level, p.place, CASE WHEN u % 10 < 7 THEN 'u:' || u ELSE 'i:' || ${INSTALL} END
     FROM generate_series($2::int, $3::int) AS u
     CROSS JOIN LATERAL (VALUES (0::smallint, ''), (1::smallint, ${PROVINCE}), (2::smallint, ${CITY})) AS p (level, place)
     ORDER BY hashint4(u)`,
    [day, first, last],
  );
}

/** Spreads events evenly over the first `untilMs` of a day, in chunks that keep each statement short. */
export async function fillLog(
  { owner }: BenchServers,
  {
    day,
    events,
    actives,
    untilMs = DAY_MS,
  }: { readonly day: string; readonly events: number; readonly actives: number; readonly untilMs?: number },
): Promise<void> {
  for (let first = 1; first <= events; first += INSERT_CHUNK) {
    await owner.query(
      `INSERT INTO analytics_event_log (event_id, event_time, user_id, install_id, event_name, properties)
       SELECT gen_random_uuid(),
              $1::date::timestamp AT TIME ZONE 'Asia/Shanghai' + (i - 1) * $4::float8 / $5 * interval '1 ms',
              CASE WHEN u % 10 < 7 THEN u END, ${INSTALL},
              CASE WHEN i % 2 = 0 THEN 'app_session_start' ELSE 'page_view' END,
              format('{"os": "HarmonyOS", "appVersion": "2.4.0", "province": "%s", "city": "%s"}', ${PROVINCE}, ${CITY})::jsonb
       FROM generate_series($2::int, $3::int) AS i, LATERAL (SELECT (i / 2) % $6::int + 1 AS u) AS who`,
      [day, first, Math.min(first + INSERT_CHUNK - 1, events), untilMs, events, actives],
    );
  }
}
