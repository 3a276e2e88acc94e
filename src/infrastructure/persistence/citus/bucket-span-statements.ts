/** Unites each span chunk by chunk on the nodes; the coordinator adds. A span without bits has no row. */
export const COUNT_BUCKET_SPANS_SQL = `
SELECT span::int AS span, coalesce(sum(n) FILTER (WHERE kind = 0), 0)::int AS "activeCount",
       coalesce(sum(n) FILTER (WHERE kind = 1), 0)::int AS "newCount"
FROM (
  SELECT stored.bucket, spans.n AS span, stored.kind, bit_count(bit_or(stored.bits)) AS n
  FROM analytics_active_bits stored
  JOIN unnest($1::date[], $2::date[]) WITH ORDINALITY AS spans (first, last, n) ON stored.day BETWEEN spans.first AND spans.last
  GROUP BY stored.bucket, stored.chunk, stored.kind, spans.n
) united
GROUP BY span
`;

/** The windows of one server's statement, with every chunk beside the others of its bucket. */
export const COUNT_BUCKET_ROLLING_SQL = `
SELECT to_char(day, 'YYYY-MM-DD') AS day,
       coalesce(sum(bit_count(coalesce(rest | beginning, rest, beginning))), 0)::int AS "activeCount",
       coalesce(sum(bit_count(bits)), 0)::int AS "dauCount"
FROM (
  SELECT bucket, chunk, day, bits, beginning,
         lag(rest, $3::int - 1) OVER (PARTITION BY bucket, chunk ORDER BY day) AS rest
  FROM (
    SELECT chunks.bucket, chunks.chunk, days.day, stored.bits,
           bit_or(stored.bits) OVER (PARTITION BY chunks.bucket, chunks.chunk, days.block ORDER BY days.day) AS beginning,
           bit_or(stored.bits) OVER (PARTITION BY chunks.bucket, chunks.chunk, days.block ORDER BY days.day DESC) AS rest
    FROM (
      SELECT DISTINCT bucket, chunk FROM analytics_active_bits
      WHERE kind = 0 AND day BETWEEN $1::date - ($3::int - 1) AND $2::date
    ) chunks
    CROSS JOIN (
      SELECT $1::date - ($3::int - 1) + n AS day, n / $3::int AS block
      FROM generate_series(0, $2::date - $1::date + $3::int - 1) AS n
    ) days
    LEFT JOIN analytics_active_bits stored
      ON stored.bucket = chunks.bucket AND stored.chunk = chunks.chunk AND stored.day = days.day AND stored.kind = 0
  ) parts
) windows
WHERE day >= $1::date
GROUP BY day
`;

/** A day without bits has no row. */
export const COUNT_BUCKET_FLOWS_SQL = `
SELECT to_char(a.day, 'YYYY-MM-DD') AS day, coalesce(sum(bit_count(a.bits)) FILTER (WHERE a.kind = 0), 0)::int AS "dauCount",
       coalesce(sum(bit_count(a.bits)) FILTER (WHERE a.kind = 1), 0)::int AS "newCount",
       coalesce(sum(bit_count(a.bits & b.bits)) FILTER (WHERE a.kind = 0), 0)::int AS "keptCount"
FROM analytics_active_bits a
LEFT JOIN analytics_active_bits b
  ON b.bucket = a.bucket AND b.chunk = a.chunk AND b.day = a.day - 1 AND b.kind = 0 AND a.kind = 0
WHERE a.day BETWEEN $1::date AND $2::date
GROUP BY a.day
`;

export const COUNT_BUCKET_COHORTS_SQL = `
SELECT to_char(day, 'YYYY-MM-DD') AS day, sum(bit_count(bits))::int AS size
FROM analytics_active_bits WHERE day BETWEEN $1::date AND $2::date AND kind = $3::smallint
GROUP BY day
`;

export const COUNT_BUCKET_RETENTION_SQL = `
SELECT to_char(a.day, 'YYYY-MM-DD') AS day, later.after, sum(bit_count(a.bits & b.bits))::int AS count
FROM analytics_active_bits a
JOIN unnest($4::int[]) AS later (after) ON a.day + later.after <= $5::date
JOIN analytics_active_bits b
  ON b.bucket = a.bucket AND b.chunk = a.chunk AND b.day = a.day + later.after AND b.kind = 0
WHERE a.day BETWEEN $1::date AND $2::date AND a.kind = $3::smallint
GROUP BY a.day, later.after
`;
