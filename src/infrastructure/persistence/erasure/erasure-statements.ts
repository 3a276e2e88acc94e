/** Tells whether the connection has the rights of the owner, and whether the migrations have run. */
export const OWNERSHIP_SQL = `
SELECT current_user AS role, to_regclass('analytics_erasures') IS NOT NULL AS is_migrated,
       coalesce((SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class
                 WHERE oid = to_regclass('analytics_event_log')), false) AS is_owner
`;

/** Lists the days that have a partition. */
export const DAYS_SQL = `
SELECT to_char(to_date(right(relname, 8), 'YYYYMMDD'), 'YYYY-MM-DD') AS day
FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = to_regclass($1::text) AND relname ~ '_p[0-9]{8}$'
ORDER BY day
`;

/** Lists the days whose active set was dropped, also those that have a part of it again. */
export const DROPPED_DAYS_SQL = `
SELECT to_char(day, 'YYYY-MM-DD') AS day FROM analytics_dropped_days WHERE actives_dropped_at IS NOT NULL
`;

/** Bounds the waits for locks of this transaction, and ends it when the process of the command stands still. */
export const LIMIT_WAIT_SQL = `
SELECT set_config('lock_timeout', $1, true), set_config('idle_in_transaction_session_timeout', '60s', true)
`;

/** Each build writes the row of its day anew, and so changes its xmin, whatever the clocks say. */
export const BUILDS_SQL = `
SELECT to_char(day, 'YYYY-MM-DD') AS day, xmin::text AS version FROM analytics_active_days
`;

export const ACTIVE_DAYS_SQL = `
SELECT to_char(day, 'YYYY-MM-DD') AS day FROM analytics_daily_actives
WHERE day = ANY ($1::date[]) AND level = 0 AND place = '' AND identity = $2 ORDER BY 1
`;

export const NAMELESS_SQL = `SELECT 'e:' || gen_random_uuid() AS nameless`;

/** Makes a nameless identity of the same bucket: one of sixteen fits, so a thousand never fail. */
export const NAMELESS_OF_BUCKET_SQL = `
SELECT nameless FROM (SELECT 'e:' || gen_random_uuid() AS nameless FROM generate_series(1, 1000)) AS candidates
WHERE analytics_identity_bucket(nameless) = analytics_identity_bucket($1) LIMIT 1
`;

/** The entry keeps its id and first day, so that builds find them under the name that the sets have. */
export const RENAME_IN_DICTIONARY_SQL = `
UPDATE analytics_identities SET identity = $2 WHERE bucket = analytics_identity_bucket($1) AND identity = $1
`;

export const REMOVE_FROM_DICTIONARY_SQL = `
WITH removed AS (
  DELETE FROM analytics_identities WHERE bucket = analytics_identity_bucket($1) AND identity = $1 RETURNING first_day
), accounted AS (
  INSERT INTO analytics_erased_actives AS erased (day, level, place, new_identities)
  SELECT first_day, 0, '', 1 FROM removed
  ON CONFLICT (day, level, place) DO UPDATE SET new_identities = erased.new_identities + 1
)
SELECT count(*)::int AS removed FROM removed
`;

/** Takes the name out of a day's active set, which keeps its size, and accounts for it. Finds the places by index. */
export const ANONYMIZE_DAY_SQL = `
WITH RECURSIVE places AS (
  (SELECT level, place FROM analytics_daily_actives WHERE day = $1::date ORDER BY level, place LIMIT 1)
  UNION ALL
  SELECT following.level, following.place FROM places p CROSS JOIN LATERAL (
    SELECT level, place FROM analytics_daily_actives
    WHERE day = $1::date AND (level, place) > (p.level, p.place) ORDER BY level, place LIMIT 1
  ) following
), renamed AS (
  UPDATE analytics_daily_actives a SET identity = $3 FROM places p
  WHERE a.day = $1::date AND a.level = p.level AND a.place = p.place AND a.identity = $2
  RETURNING a.level, a.place
), accounted AS (
  INSERT INTO analytics_erased_actives AS erased (day, level, place, identities)
  SELECT $1::date, level, place, 1 FROM renamed
  -- A set of a day that was dropped has a part of it: the events account for the day.
  WHERE NOT EXISTS (SELECT FROM analytics_dropped_days WHERE day = $1::date AND actives_dropped_at IS NOT NULL)
  ON CONFLICT (day, level, place) DO UPDATE SET identities = erased.identities + 1
)
SELECT count(*)::int AS renamed FROM renamed
`;

/** Lets the triggers of the log pass the deletions of this transaction. */
export const BEGIN_ERASURE_SQL = `SELECT set_config('analytics.erasure', 'on', true)`;

const RETURNED = `event_id, install_id, event_name = 'app_session_start' AS is_session,
  CASE WHEN jsonb_typeof(properties -> 'province') = 'string' THEN properties ->> 'province' ELSE '' END AS province,
  CASE WHEN jsonb_typeof(properties -> 'city') = 'string' THEN properties ->> 'city' ELSE '' END AS city`;

export const DELETE_EVENTS_SQL = {
  user: `DELETE FROM analytics_event_log
    WHERE event_time >= $1::timestamptz AND event_time < $2::timestamptz AND user_id = $3::bigint RETURNING ${RETURNED}`,
  install: `DELETE FROM analytics_event_log
    WHERE event_time >= $1::timestamptz AND event_time < $2::timestamptz AND user_id IS NULL AND install_id = $3::text
    RETURNING ${RETURNED}`,
} as const;

export const DELETE_CLAIMS_SQL = `DELETE FROM analytics_event_corrections WHERE event_id = ANY ($1::uuid[])`;

/** Accounts for a day without a whole active set, by the places of the deleted sessions. */
export const ACCOUNT_FOR_SESSIONS_SQL = `
INSERT INTO analytics_erased_actives AS erased (day, level, place, identities)
SELECT $1::date, level, place, 1 FROM unnest($2::smallint[], $3::text[]) AS counted (level, place)
ON CONFLICT (day, level, place) DO UPDATE SET identities = erased.identities + 1
`;

export const DELETE_MESSAGES_SQL = `
DELETE FROM analytics_outbox WHERE lane = (hashtext($1) & 7)::smallint AND aggregateid = $1
`;

export const RECEIPT_SQL = `SELECT gen_random_uuid()::text AS receipt`;

export const STORE_REPORT_SQL = `
INSERT INTO analytics_erasures (kind, proof, report)
VALUES ($1, sha256(convert_to($2 || ':' || $3, 'UTF8')), $4::jsonb) RETURNING id::text
`;
