import { FINAL_HOUR } from '../../../shared/rules/final-hour.rule.js';
import { DEFAULT_TIMEZONE } from '../../../shared/utils/timezone.util.js';

const FINAL_SINCE = `(day + 1 + time '0${FINAL_HOUR}:00') AT TIME ZONE '${DEFAULT_TIMEZONE}'`;

/**
 * Selects days before $1 that are final at $2 and were last counted before they were.
 * Nobody has figures of a day without actives, but its bits were built all the same.
 */
export const COUNTED_EARLY_SQL = `
  SELECT day FROM (
    SELECT day, calculated_at AS counted_at FROM analytics_daily_active_users
    UNION ALL
    SELECT day, built_at FROM analytics_active_days
  ) counted
  WHERE day < $1::date AND counted_at < ${FINAL_SINCE} AND $2::timestamptz >= ${FINAL_SINCE}
`;
