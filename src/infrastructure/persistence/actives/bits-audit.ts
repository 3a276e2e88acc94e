import type { BitsComparison } from '../../../domain/repositories/active-bits.repository.interface.js';
import { EventName } from '../../../domain/value-objects/event-name.vo.js';
import { dayRange, type DateKey } from '../../../shared/utils/timezone.util.js';
import { toActiveCount, type ActiveCountRow } from '../mappers/active-count.mapper.js';
import type { PrismaService } from '../prisma/prisma.service.js';
import { COUNT_BITS_SQL } from './identity-statements.js';
import { FIRST_UNSETTLED_SQL } from './span-statements.js';

const STATE_SQL = `
SELECT to_regclass('analytics_event_log_p' || to_char($1::date, 'YYYYMMDD')) IS NOT NULL AS "hasLog"
FROM analytics_active_days WHERE day = $1::date
`;

/** Names the identity of each bit, and compares the names with those of the log. */
const COMPARE_SQL = `
WITH sessions AS MATERIALIZED (
  SELECT DISTINCT CASE WHEN user_id IS NULL THEN 'i:' || install_id ELSE 'u:' || user_id::text END AS identity
  FROM analytics_event_log
  WHERE event_name = $2 AND event_time >= $3::timestamptz AND event_time < $4::timestamptz
), earlier AS MATERIALIZED (
  SELECT DISTINCT CASE WHEN user_id IS NULL THEN 'i:' || install_id ELSE 'u:' || user_id::text END AS identity
  FROM analytics_event_log WHERE event_name = $2 AND event_time < $3::timestamptz
), log_start AS (
  SELECT (min(event_time) AT TIME ZONE 'Asia/Shanghai')::date AS day FROM analytics_event_log
), named AS MATERIALIZED (
  SELECT i.identity, i.first_day, coalesce(get_bit(active.bits, i.id % 15872), 0) = 1 AS is_active,
         coalesce(get_bit(fresh.bits, i.id % 15872), 0) = 1 AS is_new
  FROM analytics_identities i
  LEFT JOIN analytics_active_bits active
    ON active.day = $1::date AND active.kind = 0 AND active.bucket = i.bucket AND active.chunk = i.id / 15872
  LEFT JOIN analytics_active_bits fresh
    ON fresh.day = $1::date AND fresh.kind = 1 AND fresh.bucket = i.bucket AND fresh.chunk = i.id / 15872
)
SELECT count(*) FILTER (WHERE is_active)::int AS named,
       count(*) FILTER (WHERE sessions.identity IS NOT NULL AND is_active IS NOT TRUE)::int AS missing,
       count(*) FILTER (WHERE sessions.identity IS NULL AND is_active)::int AS surplus,
       count(*) FILTER (WHERE sessions.identity IS NOT NULL AND is_active AND CASE
         WHEN earlier.identity IS NULL THEN first_day <> $1::date AND first_day >= log_start.day
         ELSE first_day >= $1::date END)::int AS "wrongFirstDays",
       count(*) FILTER (WHERE is_new <> (first_day = $1::date))::int AS "wrongNewBits"
FROM named FULL JOIN sessions USING (identity) LEFT JOIN earlier USING (identity), log_start
`;

/** Compares the bits of a day with the log; null before they are built. */
export async function compareBitsWithLog(
  prisma: PrismaService,
  day: DateKey,
): Promise<BitsComparison | null> {
  const [state] = await prisma.longStatementForJob<{ hasLog: boolean }>(STATE_SQL, day);
  if (state === undefined) return null;
  const [unsettled] = await prisma.longStatementForJob<{ day: string | null }>(FIRST_UNSETTLED_SQL);
  const count = toActiveCount(await prisma.longStatementForJob<ActiveCountRow>(COUNT_BITS_SQL, day));
  const { start, end } = dayRange(day);
  const [row] = await prisma.longStatementForJob<Omit<BitsComparison, 'count'> & { named: number }>(
    COMPARE_SQL,
    day,
    EventName.APP_SESSION_START.value,
    start.toISOString(),
    end.toISOString(),
  );
  if (row === undefined) return null;
  const { named, missing, surplus, wrongFirstDays, wrongNewBits } = row;
  const first = unsettled?.day ?? null;
  return {
    isSettled: first === null || first > day,
    hasLog: state.hasLog,
    count,
    erased: count.total - named,
    ...{ missing, surplus, wrongFirstDays, wrongNewBits },
  };
}
