import { DEFAULT_TIMEZONE } from '../../../shared/utils/timezone.util.js';

/** Compares bucket by bucket on its node; the coordinator gets a row for each pair of days, and adds. */
export const BUCKET_FIRST_DAYS_SQL = `
SELECT to_char(sessions.day, 'YYYY-MM-DD') AS "logDay", to_char(i.first_day, 'YYYY-MM-DD') AS "firstDay", count(*)::int AS n
FROM analytics_identities i
LEFT JOIN (
  SELECT bucket, identity, min(day) AS day FROM (
    SELECT bucket, CASE WHEN user_id IS NULL THEN 'i:' || install_id ELSE 'u:' || user_id::text END AS identity,
           (event_time AT TIME ZONE '${DEFAULT_TIMEZONE}')::date AS day
    FROM analytics_event_log WHERE event_name = $1 AND event_time < $2::timestamptz
  ) started
  WHERE day = ANY ($5::date[]) GROUP BY bucket, identity
) sessions ON sessions.bucket = i.bucket AND sessions.identity = i.identity
WHERE i.first_day IS DISTINCT FROM sessions.day AND i.identity NOT LIKE 'e:%'
  AND (i.first_day BETWEEN $3::date AND $4::date OR sessions.day BETWEEN $3::date AND $4::date)
GROUP BY sessions.day, i.first_day
`;
