import { EventName } from '../../../domain/value-objects/event-name.vo.js';
import type { ActiveCount } from '../../../domain/value-objects/active-count.vo.js';
import { dayRange, type DateKey } from '../../../shared/utils/timezone.util.js';
import { toActiveCount, type ActiveCountRow } from '../mappers/active-count.mapper.js';
import type { PrismaService } from '../prisma/prisma.service.js';

/**
 * Labels each count with its level, so that users without a province never look like the grand total. Adds the
 * identities that erasures took out of the log, because every figure still counts them (docs/adr/0024).
 */
const DAU_FROM_LOG_SQL = `
WITH sessions AS (
  SELECT CASE WHEN user_id IS NULL THEN 'i:' || install_id ELSE 'u:' || user_id::text END AS identity,
         CASE WHEN jsonb_typeof(properties -> 'province') = 'string' THEN properties ->> 'province' ELSE '' END AS province,
         CASE WHEN jsonb_typeof(properties -> 'city') = 'string' THEN properties ->> 'city' ELSE '' END AS city
  FROM analytics_event_log
  WHERE event_name = $1 AND event_time >= $2::timestamptz AND event_time < $3::timestamptz
)
SELECT level, place, sum(n)::int AS n FROM (
  SELECT 0 AS level, '' AS place, count(DISTINCT identity) AS n FROM sessions
  UNION ALL
  SELECT 1, province, count(DISTINCT identity) FROM sessions WHERE province <> '' GROUP BY province
  UNION ALL
  SELECT 2, city, count(DISTINCT identity) FROM sessions WHERE city <> '' GROUP BY city
  UNION ALL
  SELECT level, place, identities FROM analytics_erased_actives WHERE day = $4::date AND identities > 0
) counted GROUP BY level, place
`;

/** Counts a day's actives from the event log itself; the cost grows with the number of events. */
export async function countDauFromLog(prisma: PrismaService, day: DateKey): Promise<ActiveCount> {
  const { start, end } = dayRange(day);
  const rows = await prisma.longStatementForJob<ActiveCountRow>(
    DAU_FROM_LOG_SQL,
    EventName.APP_SESSION_START.value,
    start.toISOString(),
    end.toISOString(),
    day,
  );
  return toActiveCount(rows);
}
