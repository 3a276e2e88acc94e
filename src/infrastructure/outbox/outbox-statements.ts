/** Locks the free lane that has waited longest for its turn, and bounds the transaction ($4) for a relay that froze. */
export const CLAIM_SQL = `
SELECT l.lane::int AS lane, set_config('idle_in_transaction_session_timeout', $4, true) AS bounded
FROM analytics_outbox_lanes l
WHERE ($1::boolean OR ((l.emptied_at IS NULL OR l.emptied_at <= clock_timestamp() - make_interval(secs => $2::float8 / 1000))
                       AND (l.retry_at IS NULL OR l.retry_at <= clock_timestamp())))
  AND l.lane <> ALL ($3::smallint[])
  AND EXISTS (SELECT FROM analytics_outbox o WHERE o.lane = l.lane)
ORDER BY greatest(l.published_at, l.last_error_at) NULLS FIRST, l.lane
LIMIT 1 FOR UPDATE OF l SKIP LOCKED
`;

/**
 * Removes and returns the oldest messages of a lane.
 * One JSON text is cheaper to decode than a thousand rows, which cost more than the rest of the batch.
 */
export const TAKE_SQL = `
WITH taken AS (
  DELETE FROM analytics_outbox WHERE lane = $1::smallint AND sequence = ANY (ARRAY(
    SELECT sequence FROM analytics_outbox WHERE lane = $1::smallint ORDER BY sequence LIMIT $2::int))
  RETURNING sequence, id, type, aggregateid, payload, occurred_at
)
SELECT coalesce(json_agg(json_build_object('id', id, 'type', type, 'aggregateid', aggregateid, 'payload', payload,
         'occurred_at', occurred_at) ORDER BY sequence), '[]')::text AS messages
FROM taken
`;

/**
 * Notes a published batch; $2 is an interval of 0 when the lane was emptied, else NULL.
 * Takes the time of the statement and no CASE, because a cluster refuses volatile functions in an update.
 */
export const SETTLE_SQL = `
UPDATE analytics_outbox_lanes SET published_at = statement_timestamp(), failures = 0, retry_at = NULL,
  emptied_at = statement_timestamp() + $2::text::interval
WHERE lane = $1::smallint
`;

export const FAIL_SQL = `
UPDATE analytics_outbox_lanes SET failures = failures + 1, last_error = $2, last_error_at = clock_timestamp(),
  retry_at = clock_timestamp()
    + make_interval(secs => least($3::float8 * 2 ^ least(failures, 20), $4::float8) / 1000 * $5::float8)
WHERE lane = $1::smallint
`;

export const STATUS_SQL = `
SELECT l.lane::int AS lane, l.failures, l.last_error,
  (extract(epoch FROM l.published_at) * 1000)::bigint AS published_ms,
  (extract(epoch FROM l.last_error_at) * 1000)::bigint AS last_error_ms,
  (SELECT count(*) FROM (SELECT FROM analytics_outbox o WHERE o.lane = l.lane LIMIT $1::int) AS counted)::int AS waiting,
  (SELECT extract(epoch FROM clock_timestamp() - o.created_at)::float8 FROM analytics_outbox o
   WHERE o.lane = l.lane ORDER BY o.sequence LIMIT 1) AS oldest_seconds
FROM analytics_outbox_lanes l ORDER BY l.lane
`;
