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

/**
 * Names the identity of each bit, and compares the names with those of the log. An erased user's bit has a nameless
 * identity or none, and `analytics_erased_actives` accounts for it (docs/adr/0024).
 */
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
  SELECT i.identity, i.bucket, i.id, i.first_day, i.identity LIKE 'e:%' AS is_nameless,
         coalesce(get_bit(active.bits, i.id % 15872), 0) = 1 AS is_active,
         coalesce(get_bit(fresh.bits, i.id % 15872), 0) = 1 AS is_new
  FROM analytics_identities i
  LEFT JOIN analytics_active_bits active
    ON active.day = $1::date AND active.kind = 0 AND active.bucket = i.bucket AND active.chunk = i.id / 15872
  LEFT JOIN analytics_active_bits fresh
    ON fresh.day = $1::date AND fresh.kind = 1 AND fresh.bucket = i.bucket AND fresh.chunk = i.id / 15872
), bits AS (
  SELECT coalesce(sum(bit_count(bits)) FILTER (WHERE kind = 0), 0) AS active,
         coalesce(sum(bit_count(bits)) FILTER (WHERE kind = 1), 0) AS new
  FROM analytics_active_bits WHERE day = $1::date
), erased AS (
  SELECT coalesce(sum(identities), 0) AS active, coalesce(sum(new_identities), 0) AS new
  FROM analytics_erased_actives WHERE day = $1::date AND level = 0
)
SELECT greatest(max(bits.active - erased.active) - count(*) FILTER (WHERE is_active AND NOT is_nameless), 0)::int AS unnamed,
       greatest(max(bits.new - erased.new) - count(DISTINCT (bucket, id)) FILTER (WHERE is_new), 0)::int AS "unnamedNew",
       count(*) FILTER (WHERE sessions.identity IS NOT NULL AND is_active IS NOT TRUE)::int AS missing,
       count(*) FILTER (WHERE sessions.identity IS NULL AND is_active AND NOT is_nameless)::int AS surplus,
       count(*) FILTER (WHERE sessions.identity IS NOT NULL AND is_active AND CASE
         WHEN earlier.identity IS NULL THEN first_day <> $1::date AND first_day >= log_start.day
         ELSE first_day >= $1::date END)::int AS "wrongFirstDays",
       count(*) FILTER (WHERE is_new <> (first_day = $1::date))::int AS "wrongNewBits"
FROM bits CROSS JOIN erased CROSS JOIN log_start
LEFT JOIN (named FULL JOIN sessions USING (identity) LEFT JOIN earlier USING (identity)) ON true
`;

type Differences = Exclude<keyof BitsComparison, 'isSettled' | 'hasLog' | 'count'>;

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
  const [row] = await prisma.longStatementForJob<Pick<BitsComparison, Differences>>(
    COMPARE_SQL,
    day,
    EventName.APP_SESSION_START.value,
    start.toISOString(),
    end.toISOString(),
  );
  if (row === undefined) return null;
  const first = unsettled?.day ?? null;
  return {
    isSettled: first === null || first > day,
    hasLog: state.hasLog,
    count,
    ...row,
  };
}
