/**
 * Each build writes the row of its day anew, and so changes its xmin, whatever the clocks of the replicas say. The time
 * tells builds apart whose transactions have the same number, before and after a restore.
 */
const BUILD = `hashtextextended(concat_ws('/', day, xmin, extract(epoch FROM built_at)), 0)`;

/** Returns SQL for the Monday of a day. @param day expression of type `date` */
const mondayOf = (day: string): string => `(${day} - (extract(isodow FROM ${day})::int - 1))`;

/**
 * Reads, in one snapshot, a text that changes with every build of a day up to $2, and the weeks from $1 to $2 that were
 * united of the latest builds of their days, each with the transaction that united it.
 */
export const READ_BUILDS_OF_SPAN_SQL = `
WITH builds AS MATERIALIZED (
  SELECT day, ${mondayOf('day')} AS week, ${BUILD} AS build FROM analytics_active_days WHERE day <= $2::date
)
SELECT (SELECT coalesce(sum(build), 0)::text FROM builds) AS version, 
       string_agg(to_char(week, 'YYYY-MM-DD') || '=' || united.xmin, ',') AS weeks
FROM analytics_active_weeks united
JOIN (SELECT week, sum(build)::text AS version FROM builds WHERE day >= $1::date GROUP BY week) built USING (week, version)
WHERE week >= $1::date AND week + 6 <= $2::date
`;

/** Selects weeks that are over, have builds, and were not united of the latest ones. The newest come first. */
export const FIND_WEEKS_SQL = `
SELECT to_char(week, 'YYYY-MM-DD') AS week
FROM (
  SELECT ${mondayOf('day')} AS week, sum(${BUILD})::text AS version FROM analytics_active_days
  WHERE day < ${mondayOf('$1::date')} GROUP BY 1
) built
LEFT JOIN analytics_active_weeks united USING (week)
WHERE united.version IS DISTINCT FROM built.version
ORDER BY built.week DESC LIMIT $2::int
`;

export const CLEAR_WEEK_SQL = [
  'DELETE FROM analytics_week_bits WHERE week = $1::date',
  'DELETE FROM analytics_week_places WHERE week = $1::date',
] as const;

export const UNITE_WEEK_BITS_SQL = `
INSERT INTO analytics_week_bits (week, bucket, chunk, bits)
SELECT $1::date, bucket, chunk, bit_or(bits) FROM analytics_active_bits
WHERE day BETWEEN $1::date AND $1::date + 6 AND kind = 0 GROUP BY bucket, chunk
`;

/** Reads the lists of one level and bucket, those of a place one after the other. */
export const READ_PLACES_OF_WEEK_SQL = `
SELECT place, encode(ids, 'base64') AS ids FROM analytics_place_actives
WHERE day BETWEEN $1::date AND $1::date + 6 AND level = $2::smallint AND bucket = $3::smallint
ORDER BY place
`;

export const WRITE_WEEK_PLACES_SQL = `
INSERT INTO analytics_week_places (week, level, bucket, place, ids)
SELECT $1::date, $2::smallint, $3::smallint, place, decode(ids, 'base64')
FROM unnest($4::text[], $5::text[]) AS united (place, ids)
`;

export const REMEMBER_WEEK_SQL = `
INSERT INTO analytics_active_weeks (week, version)
SELECT $1::date, sum(${BUILD})::text FROM analytics_active_days WHERE day BETWEEN $1::date AND $1::date + 6
HAVING count(*) > 0
ON CONFLICT (week) DO UPDATE SET version = excluded.version
`;

/** Reads the weeks that touch a span and count. */
export const READ_WEEKS_SQL = `
SELECT to_char(week, 'YYYY-MM-DD') AS week, version
FROM (
  SELECT ${mondayOf('day')} AS week, sum(${BUILD})::text AS version FROM analytics_active_days
  WHERE day BETWEEN $1::date - 6 AND $2::date + 6 GROUP BY 1
) built
JOIN analytics_active_weeks USING (week, version)
WHERE week BETWEEN $1::date - 6 AND $2::date
ORDER BY week
`;

/** Compares the union of the days with the stored one. */
export const COMPARE_WEEK_BITS_SQL = `
SELECT coalesce(sum(bit_count(coalesce(days.bits, none) & ~ coalesce(stored.bits, none))), 0)::int AS missing,
       coalesce(sum(bit_count(coalesce(stored.bits, none) & ~ coalesce(days.bits, none))), 0)::int AS surplus
FROM (
  SELECT bucket, chunk, bit_or(bits) AS bits FROM analytics_active_bits
  WHERE day BETWEEN $1::date AND $1::date + 6 AND kind = 0 GROUP BY bucket, chunk
) days
FULL JOIN (SELECT bucket, chunk, bits FROM analytics_week_bits WHERE week = $1::date) stored USING (bucket, chunk)
CROSS JOIN (SELECT B'0'::bit(15872) AS none) zeros
`;

export const READ_WEEK_PLACES_SQL = `
SELECT place, encode(ids, 'base64') AS ids FROM analytics_week_places
WHERE week = $1::date AND level = $2::smallint AND bucket = $3::smallint
`;
