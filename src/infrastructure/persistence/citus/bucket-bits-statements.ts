export const COUNT_ACTIVES_SQL = `
SELECT count(*)::float8 AS n FROM analytics_daily_actives WHERE day = $1::date
`;

/** Joins set and dictionary on each node, and sends ids; names those that are unknown or were active later only. */
export const READ_BUCKET_ACTIVES_SQL = `
SELECT a.level::int AS level, a.place, a.bucket::int AS bucket, string_agg(int4send(i.id), '') AS ids,
       string_agg(int4send(i.id), '') FILTER (WHERE a.level = 0 AND i.first_day = $1::date) AS new_ids,
       array_agg(a.identity) FILTER (WHERE a.level = 0 AND (i.id IS NULL OR i.first_day > $1::date)) AS changed
FROM analytics_daily_actives a
LEFT JOIN analytics_identities i ON i.bucket = a.bucket AND i.identity = a.identity
WHERE a.day = $1::date AND a.bucket = ANY ($2::smallint[])
GROUP BY a.bucket, a.level, a.place
`;

/** Reads the same of those of one bucket that are named. */
export const READ_BUCKET_NAMED_SQL = `
SELECT a.level::int AS level, a.place, a.bucket::int AS bucket, string_agg(int4send(i.id), '') AS ids,
       string_agg(int4send(i.id), '') FILTER (WHERE a.level = 0) AS new_ids
FROM analytics_daily_actives a
JOIN unnest($3::text[]) AS names (identity) ON names.identity = a.identity
JOIN analytics_identities i ON i.bucket = a.bucket AND i.identity = a.identity
WHERE a.bucket = $2::smallint AND a.day = $1::date
GROUP BY a.bucket, a.level, a.place
`;

/** Reads named identities that lack an entry or were active later only, with the hash of their place. */
export const READ_CHANGED_SQL = `
SELECT a.identity, i.id, to_char(i.first_day, 'YYYY-MM-DD') AS "firstDay",
       (hashtextextended(coalesce(min(a.place) FILTER (WHERE a.level = 2), min(a.place) FILTER (WHERE a.level = 1), ''), 0) & 1023)::int
         AS places
FROM analytics_daily_actives a
JOIN unnest($3::text[]) AS names (identity) ON names.identity = a.identity
LEFT JOIN analytics_identities i ON i.bucket = a.bucket AND i.identity = a.identity
WHERE a.bucket = $2::smallint AND a.day = $1::date AND (i.id IS NULL OR i.first_day > $1::date)
GROUP BY a.identity, i.id, i.first_day
`;

export const READ_BLOCKS_SQL = `
SELECT places::int AS places, next_id AS "nextId", end_id AS "endId" FROM analytics_identity_blocks
WHERE bucket = $1::smallint AND places = ANY ($2::smallint[])
`;

/** Takes ids from the counter of a bucket, from the beginning of a block on; returns the first id after them. */
export const TAKE_IDS_SQL = `
INSERT INTO analytics_identity_counters AS counter (bucket, next_id) VALUES ($1::smallint, $2::int)
ON CONFLICT (bucket) DO UPDATE SET next_id = (counter.next_id + 127) / 128 * 128 + excluded.next_id
RETURNING next_id AS "nextId"
`;

export const WRITE_BLOCKS_SQL = `
INSERT INTO analytics_identity_blocks (bucket, places, next_id, end_id)
SELECT b.bucket, u.places, u.next_id, u.end_id
FROM analytics_buckets b, unnest($2::smallint[], $3::int[], $4::int[]) AS u (places, next_id, end_id)
WHERE b.bucket = $1::smallint
ON CONFLICT (bucket, places) DO UPDATE SET next_id = excluded.next_id, end_id = excluded.end_id
`;

export const ADD_IDENTITIES_SQL = `
INSERT INTO analytics_identities (bucket, identity, id, first_day)
SELECT b.bucket, u.identity, u.id, $2::date
FROM analytics_buckets b, unnest($3::text[], $4::int[]) AS u (identity, id)
WHERE b.bucket = $1::smallint
`;

export const MOVE_FIRST_DAYS_SQL = `
UPDATE analytics_identities SET first_day = $2::date WHERE bucket = $1::smallint AND identity = ANY ($3::text[])
`;

export const ADD_BUCKET_BITS_SQL = `
INSERT INTO analytics_active_bits AS stored (day, kind, bucket, chunk, bits)
SELECT $1::date, added.kind, b.bucket, added.chunk, added.bits::bit(15872)
FROM analytics_buckets b, unnest($2::smallint[], $3::smallint[], $4::int[], $5::text[]) AS added (kind, bucket, chunk, bits)
WHERE b.bucket = $6::smallint
ORDER BY added.kind, added.chunk
ON CONFLICT (day, kind, bucket, chunk) DO UPDATE SET bits = stored.bits | excluded.bits
WHERE stored.bits <> stored.bits | excluded.bits
`;

export const CLEAR_NEW_BUCKET_BITS_SQL = `
UPDATE analytics_active_bits stored SET bits = stored.bits & ~ moved.bits::bit(15872)
FROM unnest($1::date[], $2::smallint[], $3::int[], $4::text[]) AS moved (day, bucket, chunk, bits)
WHERE stored.bucket = $5::smallint AND stored.day = moved.day AND stored.kind = 1 AND stored.chunk = moved.chunk
`;

export const READ_BUCKET_PLACES_SQL = `
SELECT stored.level::int AS level, stored.bucket::int AS bucket, stored.place, stored.ids
FROM analytics_place_actives stored
JOIN unnest($2::smallint[], $3::smallint[], $4::text[]) AS wanted (level, bucket, place)
  ON stored.level = wanted.level AND stored.place = wanted.place
WHERE stored.bucket = $5::smallint AND stored.day = $1::date
`;

export const WRITE_BUCKET_PLACES_SQL = `
INSERT INTO analytics_place_actives (day, level, bucket, place, actives, ids)
SELECT $1::date, p.level, b.bucket, p.place, p.actives, decode(p.ids, 'base64')
FROM analytics_buckets b,
     unnest($2::smallint[], $3::smallint[], $4::text[], $5::int[], $6::text[]) AS p (level, bucket, place, actives, ids)
WHERE b.bucket = $7::smallint
ORDER BY p.level, p.place
ON CONFLICT (day, level, bucket, place) DO UPDATE SET actives = excluded.actives, ids = excluded.ids
`;

export const COUNT_DAY_BITS_SQL = `
SELECT 0 AS level, '' AS place, coalesce(sum(bit_count(bits)), 0)::int AS n
FROM analytics_active_bits WHERE day = $1::date AND kind = 0
`;

export const COUNT_DAY_PLACES_SQL = `
SELECT level::int AS level, place, sum(actives)::int AS n FROM analytics_place_actives WHERE day = $1::date GROUP BY level, place
`;
