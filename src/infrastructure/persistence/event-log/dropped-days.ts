import type { RetainedData } from '../../../application/ports/event-retention.port.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import type { PrismaService } from '../prisma/prisma.service.js';

/** Table of each kind of data; the partition of a day has its digits behind `_p`. */
export const RETAINED_TABLES = {
  events: 'analytics_event_log',
  actives: 'analytics_daily_actives',
} as const satisfies Readonly<Record<RetainedData, string>>;

/** Figures of a day without a partition were counted from one that an owner has dropped by hand. */
const WAS_DROPPED_SQL = `
SELECT EXISTS (
  SELECT FROM analytics_dropped_days
  WHERE day = $1::date AND CASE $2 WHEN 'events' THEN events_dropped_at ELSE actives_dropped_at END IS NOT NULL
) OR (
  to_regclass($3 || '_p' || to_char($1::date, 'YYYYMMDD')) IS NULL
  AND EXISTS (SELECT FROM analytics_daily_active_users WHERE day = $1::date AND dau_count > 0)
) AS "wasDropped"
`;

/** True when retention, or an owner by hand, has dropped the data of the day. */
export async function wasDropped(prisma: PrismaService, data: RetainedData, day: DateKey): Promise<boolean> {
  const [row] = await prisma.forJob((session) =>
    session.$queryRawUnsafe<{ wasDropped: boolean }[]>(WAS_DROPPED_SQL, day, data, RETAINED_TABLES[data]),
  );
  return row?.wasDropped === true;
}
