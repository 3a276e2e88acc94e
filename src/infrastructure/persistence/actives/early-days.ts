import { finalSince } from './final-since.js';

/**
 * Selects days before $1 that are final at $2 and were last counted before they were.
 * A day without active users has no stored figures, but its bits are built.
 */
export const COUNTED_EARLY_SQL = `
  SELECT day FROM (
    SELECT day, calculated_at AS counted_at FROM analytics_daily_active_users
    UNION ALL
    SELECT day, built_at FROM analytics_active_days
  ) counted
  WHERE day < $1::date AND counted_at < ${finalSince('day')} AND $2::timestamptz >= ${finalSince('day')}
`;
