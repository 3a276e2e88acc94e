/**
 * Numbers the unknown identities of a day, and moves the first day of those that were active later only.
 * Returns the former first days of these, with ids as `int4send` writes them.
 */
export const NUMBER_IDENTITIES_SQL = `
WITH matched AS MATERIALIZED (
  SELECT a.identity, analytics_identity_bucket(a.identity) AS bucket, i.id, i.first_day
  FROM analytics_daily_actives a
  LEFT JOIN analytics_identities i ON i.identity = a.identity
  WHERE a.day = $1::date AND a.level = 0 AND (i.id IS NULL OR i.first_day > $1::date)
), numbered AS MATERIALIZED (
  SELECT bucket, identity, (row_number() OVER (PARTITION BY bucket))::int AS n FROM matched WHERE id IS NULL
), totals AS (
  SELECT bucket, max(n) AS total FROM numbered GROUP BY bucket
), counters AS (
  INSERT INTO analytics_identity_counters AS counter (bucket, next_id) SELECT bucket, total FROM totals ORDER BY bucket
  ON CONFLICT (bucket) DO UPDATE SET next_id = counter.next_id + excluded.next_id
  RETURNING bucket, next_id
), added AS (
  INSERT INTO analytics_identities (bucket, identity, id, first_day)
  SELECT bucket, identity, next_id - total + n - 1, $1::date
  FROM numbered JOIN totals USING (bucket) JOIN counters USING (bucket)
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
