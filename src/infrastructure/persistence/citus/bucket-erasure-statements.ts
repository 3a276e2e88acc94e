import { ACTIVE_DAYS_SQL, DELETE_EVENTS_SQL } from '../erasure/erasure-statements.js';

/** Looks into one shard of each day, so its locks are those of one bucket. */
export const ACTIVE_DAYS_OF_BUCKET_SQL = ACTIVE_DAYS_SQL.replace(
  'WHERE ',
  'WHERE bucket = $3::smallint AND ',
);

/** Walks over the places of a day by index; the filter keeps the walk on one node. */
export const PLACES_SQL = `
WITH RECURSIVE places AS (
  (SELECT level, place FROM analytics_daily_actives
   WHERE bucket = $1::smallint AND day = $2::date ORDER BY level, place LIMIT 1)
  UNION ALL
  SELECT following.level, following.place FROM places p CROSS JOIN LATERAL (
    SELECT level, place FROM analytics_daily_actives
    WHERE bucket = $1::smallint AND day = $2::date AND (level, place) > (p.level, p.place)
    ORDER BY level, place LIMIT 1
  ) following
)
SELECT a.level::int AS level, a.place
FROM places p JOIN analytics_daily_actives a
  ON a.bucket = $1::smallint AND a.day = $2::date AND a.level = p.level AND a.place = p.place AND a.identity = $3
`;

/**
 * Asks every bucket, although one has the name: a statement on several nodes makes Citus commit in two phases, so that
 * the account on the coordinator and the rows on the worker change together.
 */
export const RENAME_ACTIVES_SQL = `
UPDATE analytics_daily_actives SET identity = $1
WHERE day = $2::date AND identity = $3 AND (level, place) IN (SELECT * FROM unnest($4::smallint[], $5::text[]))
RETURNING level::int AS level, place
`;

/** A set of a day that was dropped holds a part of it at most: there the deleted events account for the day. */
export const ACCOUNT_FOR_ACTIVES_SQL = `
INSERT INTO analytics_erased_actives AS erased (day, level, place, identities)
SELECT $1::date, level, place, 1 FROM unnest($2::smallint[], $3::text[]) AS counted (level, place)
WHERE NOT EXISTS (SELECT FROM analytics_dropped_days WHERE day = $1::date AND actives_dropped_at IS NOT NULL)
ON CONFLICT (day, level, place) DO UPDATE SET identities = erased.identities + 1
`;

export const DELETE_BUCKET_EVENTS_SQL = {
  user: ofBucket(DELETE_EVENTS_SQL.user),
  install: ofBucket(DELETE_EVENTS_SQL.install),
} as const;

/**
 * Deletes the claims of one bucket: the same event id under another identity is another event. The sum hides the bucket
 * from Citus, so that the statement reaches every node and the transaction of the caller commits in two phases.
 */
export const DELETE_BUCKET_CLAIMS_SQL = `
DELETE FROM analytics_event_corrections WHERE event_id = ANY ($1::uuid[]) AND bucket + 0 = $2::int
`;

/** Keeps id and first day. Reaches every node by the sum, as the deletion below. */
export const RENAME_BUCKET_IDENTITY_SQL = `
UPDATE analytics_identities SET identity = $3 WHERE identity = $1 AND bucket + 0 = $2::int
`;

/**
 * Reaches every node by the sum, so that the account on the coordinator changes with it. Returns the first day as a
 * number, because a cluster returns no text of a date.
 */
export const REMOVE_BUCKET_IDENTITY_SQL = `
DELETE FROM analytics_identities WHERE identity = $1 AND bucket + 0 = $2::int RETURNING first_day - '2000-01-01'::date AS day
`;

export const ACCOUNT_FOR_NEW_SQL = `
INSERT INTO analytics_erased_actives AS erased (day, level, place, new_identities) VALUES ('2000-01-01'::date + $1::int, 0, '', 1)
ON CONFLICT (day, level, place) DO UPDATE SET new_identities = erased.new_identities + 1
`;

export const DELETE_LANE_SQL = 'DELETE FROM analytics_outbox WHERE lane = $1::smallint AND aggregateid = $2';

function ofBucket(sql: string): string {
  return sql.replace('WHERE ', 'WHERE bucket = $4::smallint AND ');
}
