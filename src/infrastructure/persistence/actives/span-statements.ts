import { finalSince } from './final-since.js';

/** A figure of all identities, and the same of one bucket and a range of its chunks, with three parameters more. */
export interface FigureStatements {
  readonly whole: string;
  readonly part: string;
}

/** Returns a condition on the rows of bits of one table or alias; empty for all of them. */
type Rows = (alias: string) => string;

/** @param parameters number of those that the statement has itself */
function statementsOf(write: (rows: Rows) => string, parameters: number): FigureStatements {
  const [bucket, first, last] = [1, 2, 3].map((n) => `$${parameters + n}`);
  return {
    whole: write(() => ''),
    part: write(
      (alias) =>
        `AND ${alias}.bucket = ${bucket}::smallint AND ${alias}.chunk BETWEEN ${first}::int AND ${last}::int`,
    ),
  };
}

/**
 * Unites the days and weeks of each span. Parameters: first days, last days; of each piece its span from 1, its day,
 * and whether it is a week. OFFSET 0 makes PostgreSQL look up each piece by the key.
 */
function countSpans(rows: Rows): string {
  return `
SELECT coalesce(active.n, 0)::int AS "activeCount", coalesce(fresh.n, 0)::int AS "newCount"
FROM unnest($1::date[], $2::date[]) WITH ORDINALITY AS spans (first, last, n)
LEFT JOIN LATERAL (
  SELECT sum(bit_count(bits)) AS n FROM (
    SELECT bit_or(stored.bits) AS bits
    FROM unnest($3::int[], $4::date[], $5::boolean[]) AS pieces (span, day, is_week)
    CROSS JOIN LATERAL (
      SELECT bucket, chunk, bits FROM analytics_active_bits a
      WHERE NOT pieces.is_week AND day = pieces.day AND kind = 0 ${rows('a')}
      UNION ALL
      SELECT bucket, chunk, bits FROM analytics_week_bits w WHERE pieces.is_week AND week = pieces.day ${rows('w')}
      OFFSET 0
    ) stored
    WHERE pieces.span = spans.n
    GROUP BY bucket, chunk
  ) united
) active ON true
LEFT JOIN LATERAL (
  SELECT sum(bit_count(stored.bits)) AS n
  FROM generate_series(0, spans.last - spans.first) AS after
  CROSS JOIN LATERAL (
    SELECT bits FROM analytics_active_bits a WHERE day = spans.first + after AND kind = 1 ${rows('a')} OFFSET 0
  ) stored
) fresh ON true
ORDER BY spans.n
`;
}

export const COUNT_SPANS = statementsOf(countSpans, 5);

/**
 * Unites each window from the rest of the block of days in which it starts and the beginning of the next (van Herk, Gil
 * and Werman), chunk by chunk. OFFSET 0 counts before the days are grouped, whose sort would else hold the bits.
 *
 * @param chunks selects the buckets and chunks that the days have
 * @param stored joins the bits of a day and chunk
 */
function countRolling(chunks: string, stored: string): string {
  return `
WITH days AS MATERIALIZED (
  SELECT $1::date - ($3::int - 1) + n AS day, n / $3::int AS block
  FROM generate_series(0, $2::date - $1::date + $3::int - 1) AS n
), chunks AS MATERIALIZED (${chunks}), counts AS (
  SELECT windows.day, sum(windows.active) AS active, sum(windows.dau) AS dau
  FROM chunks
  CROSS JOIN LATERAL (
    SELECT day, bit_count(coalesce(rest | beginning, rest, beginning)) AS active, bit_count(bits) AS dau
    FROM (
      SELECT day, bits, beginning, lag(rest, $3::int - 1) OVER (ORDER BY day) AS rest
      FROM (
        SELECT days.day, stored.bits,
               bit_or(stored.bits) OVER (PARTITION BY block ORDER BY days.day) AS beginning,
               bit_or(stored.bits) OVER (PARTITION BY block ORDER BY days.day DESC) AS rest
        FROM days ${stored}
      ) parts
    ) united
    WHERE day >= $1::date
    OFFSET 0
  ) windows
  GROUP BY windows.day
)
SELECT to_char(days.day, 'YYYY-MM-DD') AS day, coalesce(active, 0)::int AS "activeCount", coalesce(dau, 0)::int AS "dauCount"
FROM days LEFT JOIN counts USING (day)
WHERE days.day >= $1::date
ORDER BY days.day
`;
}

/**
 * Parameters: first day, last day, window. PostgreSQL looks up each day of a part by the key (OFFSET 0); of all
 * identities that takes half as long again.
 */
export const COUNT_ROLLING: FigureStatements = {
  whole: countRolling(
    `
  SELECT DISTINCT bucket, chunk FROM analytics_active_bits
  WHERE kind = 0 AND day BETWEEN $1::date - ($3::int - 1) AND $2::date
`,
    `
      LEFT JOIN analytics_active_bits stored
        ON stored.day = days.day AND stored.kind = 0 AND stored.bucket = chunks.bucket AND stored.chunk = chunks.chunk
`,
  ),
  part: countRolling(
    `
  SELECT DISTINCT found.bucket, found.chunk FROM days
  CROSS JOIN LATERAL (
    SELECT bucket, chunk FROM analytics_active_bits a
    WHERE a.day = days.day AND kind = 0 AND bucket = $4::smallint AND chunk BETWEEN $5::int AND $6::int OFFSET 0
  ) found
`,
    `
      LEFT JOIN LATERAL (
        SELECT bits FROM analytics_active_bits a
        WHERE a.day = days.day AND kind = 0 AND bucket = $4::smallint AND a.chunk = chunks.chunk OFFSET 0
      ) stored ON true
`,
  ),
};

/** Parameters: first day, last day. */
function countFlows(rows: Rows): string {
  return `
SELECT to_char(days.day, 'YYYY-MM-DD') AS day, coalesce(today.dau, 0)::int AS "dauCount",
       coalesce(first_seen.new, 0)::int AS "newCount", coalesce(today.kept, 0)::int AS "keptCount"
FROM (SELECT generate_series($1::date, $2::date, interval '1 day')::date AS day) days
LEFT JOIN LATERAL (
  SELECT sum(bit_count(a.bits)) AS dau, sum(bit_count(a.bits & b.bits)) AS kept
  FROM analytics_active_bits a
  LEFT JOIN analytics_active_bits b
    ON b.day = days.day - 1 AND b.kind = 0 AND b.bucket = a.bucket AND b.chunk = a.chunk ${rows('b')}
  WHERE a.day = days.day AND a.kind = 0 ${rows('a')}
) today ON true
LEFT JOIN LATERAL (
  SELECT sum(bit_count(bits)) AS new FROM analytics_active_bits a WHERE day = days.day AND kind = 1 ${rows('a')}
) first_seen ON true
ORDER BY days.day
`;
}

export const COUNT_FLOWS = statementsOf(countFlows, 2);

/**
 * Returns a row for each day and number of days after it; a day without any such number has one row. Parameters: first
 * day, last day, kind, numbers of days, last day that is over.
 */
function countRetention(rows: Rows): string {
  return `
SELECT to_char(days.day, 'YYYY-MM-DD') AS day, coalesce(cohort.size, 0)::int AS "cohortSize", later.after,
       coalesce(retained.count, 0)::int AS count
FROM (SELECT generate_series($1::date, $2::date, interval '1 day')::date AS day) days
LEFT JOIN LATERAL (
  SELECT sum(bit_count(bits)) AS size FROM analytics_active_bits a
  WHERE day = days.day AND kind = $3::smallint ${rows('a')}
) cohort ON true
LEFT JOIN unnest($4::int[]) AS later (after) ON days.day + later.after <= $5::date
LEFT JOIN LATERAL (
  SELECT sum(bit_count(a.bits & b.bits)) AS count
  FROM analytics_active_bits a
  JOIN analytics_active_bits b ON b.kind = 0 AND b.bucket = a.bucket AND b.chunk = a.chunk ${rows('b')}
  WHERE a.day = days.day AND a.kind = $3::smallint AND b.day = days.day + later.after ${rows('a')}
) retained ON true
ORDER BY days.day, later.after
`;
}

export const COUNT_RETENTION = statementsOf(countRetention, 5);

/**
 * Reads the ids of one bucket in every place of a level, or in one place, in order of days, which count from the last
 * parameter. Base64 takes half the time of `bytea` as text on both sides.
 */
export const READ_PLACE_IDS_SQL = `
SELECT (stored.day - $6::date)::int AS "dayIndex", stored.place, encode(stored.ids, 'base64') AS ids
FROM (SELECT generate_series($1::date, $2::date, interval '1 day')::date AS day) days
JOIN analytics_place_actives stored ON stored.day = days.day
WHERE stored.level = $3::smallint AND stored.bucket = $4::smallint AND ($5 = '' OR stored.place = $5)
ORDER BY stored.day
`;

/** Reads the same of pieces of a span, in any order: days, and weeks that are united. */
export const READ_PIECE_IDS_SQL = `
SELECT (pieces.n - 1)::int AS "dayIndex", stored.place, encode(stored.ids, 'base64') AS ids
FROM unnest($1::date[], $2::boolean[]) WITH ORDINALITY AS pieces (day, is_week, n)
CROSS JOIN LATERAL (
  SELECT place, ids FROM analytics_place_actives
  WHERE NOT pieces.is_week AND day = pieces.day AND level = $3::smallint AND bucket = $4::smallint
  UNION ALL
  SELECT place, ids FROM analytics_week_places
  WHERE pieces.is_week AND week = pieces.day AND level = $3::smallint AND bucket = $4::smallint
) stored
`;

/** Reads who of a bucket was new on each day, with the four bytes of its length before the bits of a chunk. */
export const READ_NEW_BITS_SQL = `
SELECT (day - $4::date)::int AS "dayIndex", chunk, bit_send(bits) AS bits
FROM analytics_active_bits
WHERE day BETWEEN $1::date AND $2::date AND kind = 1 AND bucket = $3::smallint
`;

/**
 * A day is settled when its bits were built after it became final, and it gained nobody since.
 * The marks stand apart, because on a cluster they are on other nodes.
 */
export const READ_BUILDS_SQL = `
WITH marked AS MATERIALIZED (SELECT min(day) AS day FROM analytics_dau_pending)
SELECT to_char(min(day), 'YYYY-MM-DD') AS "firstUnsettledDay",
       (extract(epoch FROM max(built_at)) * 1000)::bigint::text AS "builtAtMs"
FROM (
  SELECT day, NULL::timestamptz AS built_at FROM marked
  UNION ALL
  SELECT min(day), NULL FROM analytics_active_days
  WHERE built_at < ${finalSince('day')}
  UNION ALL
  SELECT min(stats.day), NULL FROM analytics_daily_active_users stats
  WHERE NOT EXISTS (SELECT FROM analytics_active_days built WHERE built.day = stats.day)
  UNION ALL
  SELECT NULL, max(built_at) FROM analytics_active_days WHERE day <= $1::date
) builds
`;
