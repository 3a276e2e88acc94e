// Statements of span-statements.ts for one bucket and a range of its chunks. OFFSET 0 makes PostgreSQL look up each day
// by the key: for a part it would otherwise read the whole table.

/** Parameters: first days, last days, bucket, first chunk, last chunk. */
export const COUNT_SPANS_PART_SQL = `
SELECT coalesce(sum(bit_count(bits)) FILTER (WHERE kind = 0), 0)::int AS "activeCount",
       coalesce(sum(bit_count(bits)) FILTER (WHERE kind = 1), 0)::int AS "newCount"
FROM unnest($1::date[], $2::date[]) WITH ORDINALITY AS spans (first, last, n)
LEFT JOIN LATERAL (
  SELECT kinds.kind, bit_or(stored.bits) AS bits
  FROM generate_series(0, spans.last - spans.first) AS after
  CROSS JOIN (VALUES (0::smallint), (1::smallint)) AS kinds (kind)
  CROSS JOIN LATERAL (
    SELECT each.chunk, each.bits FROM analytics_active_bits each
    WHERE each.day = spans.first + after AND each.kind = kinds.kind AND each.bucket = $3::smallint
      AND each.chunk BETWEEN $4::int AND $5::int
    OFFSET 0
  ) stored
  GROUP BY kinds.kind, stored.chunk
) united ON true
GROUP BY n ORDER BY n
`;

/** Parameters: first day, last day, window, bucket, first chunk, last chunk. */
export const COUNT_ROLLING_PART_SQL = `
WITH days AS MATERIALIZED (
  SELECT $1::date - ($3::int - 1) + n AS day, n / $3::int AS block
  FROM generate_series(0, $2::date - $1::date + $3::int - 1) AS n
), chunks AS MATERIALIZED (
  SELECT DISTINCT found.chunk FROM days
  CROSS JOIN LATERAL (
    SELECT each.chunk FROM analytics_active_bits each
    WHERE each.day = days.day AND each.kind = 0 AND each.bucket = $4::smallint AND each.chunk BETWEEN $5::int AND $6::int
    OFFSET 0
  ) found
), counts AS (
  SELECT windows.day, sum(bit_count(coalesce(rest | beginning, rest, beginning))) AS active, sum(bit_count(bits)) AS dau
  FROM chunks
  CROSS JOIN LATERAL (
    SELECT day, bits, beginning, lag(rest, $3::int - 1) OVER (ORDER BY day) AS rest
    FROM (
      SELECT days.day, stored.bits,
             bit_or(stored.bits) OVER (PARTITION BY block ORDER BY days.day) AS beginning,
             bit_or(stored.bits) OVER (PARTITION BY block ORDER BY days.day DESC) AS rest
      FROM days
      LEFT JOIN LATERAL (
        SELECT each.bits FROM analytics_active_bits each
        WHERE each.day = days.day AND each.kind = 0 AND each.bucket = $4::smallint AND each.chunk = chunks.chunk
        OFFSET 0
      ) stored ON true
    ) parts
  ) windows
  WHERE windows.day >= $1::date
  GROUP BY windows.day
)
SELECT to_char(days.day, 'YYYY-MM-DD') AS day, coalesce(active, 0)::int AS "activeCount", coalesce(dau, 0)::int AS "dauCount"
FROM days LEFT JOIN counts USING (day)
WHERE days.day >= $1::date
ORDER BY days.day
`;

/** Parameters: first day, last day, bucket, first chunk, last chunk. */
export const COUNT_FLOWS_PART_SQL = `
SELECT to_char(days.day, 'YYYY-MM-DD') AS day, coalesce(today.dau, 0)::int AS "dauCount",
       coalesce(first_seen.new, 0)::int AS "newCount", coalesce(today.kept, 0)::int AS "keptCount"
FROM (SELECT generate_series($1::date, $2::date, interval '1 day')::date AS day) days
LEFT JOIN LATERAL (
  SELECT sum(bit_count(a.bits)) AS dau, sum(bit_count(a.bits & b.bits)) AS kept
  FROM analytics_active_bits a
  LEFT JOIN analytics_active_bits b
    ON b.day = days.day - 1 AND b.kind = 0 AND b.bucket = $3::smallint AND b.bucket = a.bucket AND b.chunk = a.chunk
    AND b.chunk BETWEEN $4::int AND $5::int
  WHERE a.day = days.day AND a.kind = 0 AND a.bucket = $3::smallint AND a.chunk BETWEEN $4::int AND $5::int
) today ON true
LEFT JOIN LATERAL (
  SELECT sum(bit_count(bits)) AS new FROM analytics_active_bits
  WHERE day = days.day AND kind = 1 AND bucket = $3::smallint AND chunk BETWEEN $4::int AND $5::int
) first_seen ON true
ORDER BY days.day
`;

/** Parameters: first day, last day, kind, numbers of days, last day over, bucket, first chunk, last chunk. */
export const COUNT_RETENTION_PART_SQL = `
SELECT to_char(days.day, 'YYYY-MM-DD') AS day, coalesce(cohort.size, 0)::int AS "cohortSize", later.after,
       coalesce(retained.count, 0)::int AS count
FROM (SELECT generate_series($1::date, $2::date, interval '1 day')::date AS day) days
LEFT JOIN LATERAL (
  SELECT sum(bit_count(bits)) AS size FROM analytics_active_bits
  WHERE day = days.day AND kind = $3::smallint AND bucket = $6::smallint AND chunk BETWEEN $7::int AND $8::int
) cohort ON true
LEFT JOIN unnest($4::int[]) AS later (after) ON days.day + later.after <= $5::date
LEFT JOIN LATERAL (
  SELECT sum(bit_count(a.bits & b.bits)) AS count
  FROM analytics_active_bits a
  JOIN analytics_active_bits b ON b.kind = 0 AND b.bucket = a.bucket AND b.chunk = a.chunk
  WHERE a.day = days.day AND a.kind = $3::smallint AND b.day = days.day + later.after
    AND a.bucket = $6::smallint AND a.chunk BETWEEN $7::int AND $8::int
    AND b.bucket = $6::smallint AND b.chunk BETWEEN $7::int AND $8::int
) retained ON true
ORDER BY days.day, later.after
`;
