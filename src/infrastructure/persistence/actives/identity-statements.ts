/**
 * Bounds the rows of a day's active set by the size of its partition, since a count reads every row. A row takes 60
 * bytes and more. Null or 0 where the partition has another name, or lies on other nodes.
 */
export const BOUND_ACTIVES_SQL = `
SELECT (pg_relation_size(to_regclass('analytics_daily_actives_p' || to_char($1::date, 'YYYYMMDD'))) / 60)::float8 AS n
`;

export const COUNT_ACTIVES_SQL = `
SELECT count(*)::float8 AS n FROM analytics_daily_actives WHERE day = $1::date
`;

/**
 * Reads the ids of a day's actives, a row for each place and bucket: four bytes each, big-endian, in any order. Names
 * those that are unknown or were active later only. Writes nothing, so that parallel workers may join.
 */
export const READ_ACTIVES_SQL = `
SELECT a.level::int AS level, a.place, i.bucket::int AS bucket, string_agg(int4send(i.id), '') AS ids,
       string_agg(int4send(i.id), '') FILTER (WHERE a.level = 0 AND i.first_day = $1::date) AS new_ids,
       array_agg(a.identity) FILTER (WHERE a.level = 0 AND (i.id IS NULL OR i.first_day > $1::date)) AS changed
FROM analytics_daily_actives a LEFT JOIN analytics_identities i USING (identity)
WHERE a.day = $1::date
  AND (($2::smallint = 0 AND $3::smallint = 15) OR analytics_identity_bucket(a.identity) BETWEEN $2::smallint AND $3::smallint)
GROUP BY a.level, a.place, i.bucket
`;

/** Reads the same of those that are named. */
export const READ_NAMED_SQL = `
SELECT a.level::int AS level, a.place, i.bucket::int AS bucket, string_agg(int4send(i.id), '') AS ids,
       string_agg(int4send(i.id), '') FILTER (WHERE a.level = 0) AS new_ids
FROM analytics_daily_actives a
JOIN unnest($2::text[]) AS names (identity) USING (identity)
JOIN analytics_identities i USING (identity)
WHERE a.day = $1::date
GROUP BY a.level, a.place, i.bucket
`;

/** Ids of a block; divides the bits of a chunk. */
const BLOCK = 128;

/**
 * Numbers the unknown among named identities in blocks of their places, and moves the first day of those that were
 * active later only. Returns the former first days of these, with ids as `int4send` writes them.
 */
export const NUMBER_IDENTITIES_SQL = `
WITH matched AS MATERIALIZED (
  SELECT a.identity, analytics_identity_bucket(a.identity) AS bucket, i.id, i.first_day
  FROM unnest($2::text[]) AS a (identity) LEFT JOIN analytics_identities i ON i.identity = a.identity
  WHERE i.id IS NULL OR i.first_day > $1::date
), homes AS MATERIALIZED (
  SELECT identity, coalesce(min(place) FILTER (WHERE level = 2), min(place)) AS place
  FROM analytics_daily_actives seen JOIN unnest($2::text[]) AS names (identity) USING (identity)
  WHERE day = $1::date AND level > 0 GROUP BY identity
), unknown AS MATERIALIZED (
  SELECT bucket, identity, (hashtextextended(coalesce(place, ''), 0) & 1023)::smallint AS places
  FROM matched LEFT JOIN homes USING (identity) WHERE id IS NULL
), numbered AS MATERIALIZED (
  SELECT bucket, places, identity, (row_number() OVER (PARTITION BY bucket, places))::int AS n FROM unknown
), demand AS MATERIALIZED (
  SELECT bucket, places, total, coalesce(open.next_id, 0) AS open_id, coalesce(open.end_id - open.next_id, 0) AS open_ids,
         greatest(total - coalesce(open.end_id - open.next_id, 0) + ${BLOCK - 1}, 0) / ${BLOCK} AS blocks
  FROM (SELECT bucket, places, max(n) AS total FROM numbered GROUP BY bucket, places) numbers
  LEFT JOIN analytics_identity_blocks open USING (bucket, places)
), counters AS (
  INSERT INTO analytics_identity_counters AS counter (bucket, next_id)
  SELECT bucket, ${BLOCK} * sum(blocks) FROM demand GROUP BY bucket ORDER BY bucket
  ON CONFLICT (bucket) DO UPDATE SET next_id = (counter.next_id + ${BLOCK - 1}) / ${BLOCK} * ${BLOCK} + excluded.next_id
  RETURNING bucket, next_id
), granted AS MATERIALIZED (
  SELECT demand.*, (next_id - ${BLOCK} * sum(blocks) OVER (PARTITION BY bucket ORDER BY places DESC))::int AS block_id
  FROM demand JOIN counters USING (bucket)
), blocks AS (
  INSERT INTO analytics_identity_blocks (bucket, places, next_id, end_id)
  SELECT bucket, places, CASE blocks WHEN 0 THEN open_id + total ELSE block_id + total - open_ids END,
         CASE blocks WHEN 0 THEN open_id + open_ids ELSE block_id + ${BLOCK} * blocks END
  FROM granted ORDER BY bucket, places
  ON CONFLICT (bucket, places) DO UPDATE SET next_id = excluded.next_id, end_id = excluded.end_id
), added AS (
  INSERT INTO analytics_identities (bucket, identity, id, first_day)
  SELECT bucket, identity, CASE WHEN n <= open_ids THEN open_id ELSE block_id - open_ids END + n - 1, $1::date
  FROM numbered JOIN granted USING (bucket, places)
), moved AS (
  UPDATE analytics_identities i SET first_day = $1::date FROM matched m
  WHERE m.id IS NOT NULL AND i.identity = m.identity AND i.bucket = m.bucket
)
SELECT to_char(first_day, 'YYYY-MM-DD') AS day, bucket::int AS bucket, string_agg(int4send(id), '') AS ids
FROM matched WHERE id IS NOT NULL GROUP BY first_day, bucket
`;

/** Clears the bits of identities that turned out to be older. */
export const CLEAR_NEW_BITS_SQL = `
UPDATE analytics_active_bits stored SET bits = stored.bits & ~ moved.bits::bit(15872)
FROM unnest($1::date[], $2::smallint[], $3::int[], $4::text[]) AS moved (day, bucket, chunk, bits)
WHERE stored.day = moved.day AND stored.kind = 1 AND stored.bucket = moved.bucket AND stored.chunk = moved.chunk
`;

/** Adds bits, and writes only rows that change. */
export const ADD_BITS_SQL = `
INSERT INTO analytics_active_bits AS stored (day, kind, bucket, chunk, bits)
SELECT $1::date, kind, bucket, chunk, bits::bit(15872)
FROM unnest($2::smallint[], $3::smallint[], $4::int[], $5::text[]) AS added (kind, bucket, chunk, bits)
ORDER BY kind, bucket, chunk
ON CONFLICT (day, kind, bucket, chunk) DO UPDATE SET bits = stored.bits | excluded.bits
WHERE stored.bits <> stored.bits | excluded.bits
`;

export const READ_PLACES_SQL = `
SELECT level::int AS level, bucket::int AS bucket, place, ids
FROM unnest($2::smallint[], $3::smallint[], $4::text[]) AS wanted (level, bucket, place)
JOIN analytics_place_actives stored USING (level, bucket, place)
WHERE stored.day = $1::date
`;

export const WRITE_PLACES_SQL = `
INSERT INTO analytics_place_actives (day, level, bucket, place, actives, ids)
SELECT $1::date, level, bucket, place, actives, decode(ids, 'base64')
FROM unnest($2::smallint[], $3::smallint[], $4::text[], $5::int[], $6::text[]) AS p (level, bucket, place, actives, ids)
ORDER BY level, bucket, place
ON CONFLICT (day, level, bucket, place) DO UPDATE SET actives = excluded.actives, ids = excluded.ids
`;

export const COUNT_BITS_SQL = `
SELECT 0 AS level, '' AS place, coalesce(sum(bit_count(bits)), 0)::int AS n
FROM analytics_active_bits WHERE day = $1::date AND kind = 0
UNION ALL
SELECT level::int, place, sum(actives)::int FROM analytics_place_actives WHERE day = $1::date GROUP BY level, place
`;
