import type {
  BitsComparison,
  NewUsersComparison,
} from '../../../domain/repositories/active-bits.repository.interface.js';
import type { ActiveCount } from '../../../domain/value-objects/active-count.vo.js';
import { EventName } from '../../../domain/value-objects/event-name.vo.js';
import { dayRange, type DateKey } from '../../../shared/utils/timezone.util.js';
import { toActiveCount, type ActiveCountRow } from '../mappers/active-count.mapper.js';
import type { PrismaService } from '../prisma/prisma.service.js';
import { IDENTITY_BUCKETS } from './identity-buckets.js';
import { COUNT_BITS_SQL } from './identity-statements.js';

const STATE_SQL = `
SELECT to_regclass('analytics_event_log_p' || to_char($1::date, 'YYYYMMDD')) IS NOT NULL AS "hasLog",
       analytics_actives_settled($1::date) AS "isSettled"
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
       count(*) FILTER (WHERE sessions.identity IS NOT NULL AND first_day > $1::date)::int AS "wrongFirstDays",
       count(*) FILTER (WHERE is_new <> (first_day = $1::date))::int AS "wrongNewBits"
FROM bits CROSS JOIN erased
LEFT JOIN (named FULL JOIN sessions USING (identity)) ON true
`;

/**
 * Looks for the first day of each id among the bits of one bucket, and compares it with the day on which it is new.
 * One pass over the bits, so the cost does not grow with the number of days that are compared.
 */
const COMPARE_NEW_SQL = `
SELECT to_char(day, 'YYYY-MM-DD') AS day, sum(bit_count(firsts & ~ fresh))::int AS missing,
       sum(bit_count(fresh & ~ firsts))::int AS surplus
FROM (
  SELECT day, fresh, active & ~ coalesce(
           bit_or(active) OVER (PARTITION BY chunk ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
           B'0'::bit(15872)) AS firsts
  FROM (
    SELECT day, chunk, coalesce(bit_or(bits) FILTER (WHERE kind = 0), B'0'::bit(15872)) AS active,
           coalesce(bit_or(bits) FILTER (WHERE kind = 1), B'0'::bit(15872)) AS fresh
    FROM analytics_active_bits WHERE bucket = $3::smallint AND day <= $2::date GROUP BY day, chunk
  ) stored
) compared
WHERE day >= $1::date AND firsts <> fresh
GROUP BY day
`;

export type BitsDifferences = Omit<BitsComparison, 'isSettled' | 'hasLog' | 'count'>;

/** Compares the bits of a day with the log; null before they are built. */
export async function compareBitsWithLog(
  prisma: PrismaService,
  day: DateKey,
): Promise<BitsComparison | null> {
  return compareBits(prisma, day, async (bounds) => {
    const count = toActiveCount(await prisma.longStatementForJob<ActiveCountRow>(COUNT_BITS_SQL, day));
    const [row] = await prisma.longStatementForJob<BitsDifferences>(COMPARE_SQL, day, ...bounds);
    return { count, ...(row as BitsDifferences) };
  });
}

/**
 * Compares while the day stays as it is.
 *
 * @param compare takes the name of a session's event and the bounds of the day
 */
export async function compareBits(
  prisma: PrismaService,
  day: DateKey,
  compare: (bounds: readonly [string, string, string]) => Promise<BitsDifferences & { count: ActiveCount }>,
): Promise<BitsComparison | null> {
  const readState = async () =>
    (await prisma.longStatementForJob<{ hasLog: boolean; isSettled: boolean }>(STATE_SQL, day))[0];
  const before = await readState();
  if (before === undefined) return null;
  const { start, end } = dayRange(day);
  const compared = await compare([EventName.APP_SESSION_START.value, start.toISOString(), end.toISOString()]);
  // Asks once more: actives that came meanwhile are in the log and not in the bits.
  const after = await readState();
  if (after === undefined) return null;
  return { isSettled: before.isSettled && after.isSettled, hasLog: before.hasLog, ...compared };
}

interface NewUsersOptions {
  readonly buckets?: readonly number[];
  readonly onStep?: ((done: number, of: number) => void) | undefined;
}

/** Compares the new users of each day with the first days of their bits, bucket by bucket. */
export async function compareNewUsers(
  prisma: PrismaService,
  first: DateKey,
  last: DateKey,
  { buckets = IDENTITY_BUCKETS, onStep }: NewUsersOptions = {},
): Promise<NewUsersComparison[]> {
  const differences = new Map<DateKey, NewUsersComparison>();
  for (const [index, bucket] of buckets.entries()) {
    const rows = await prisma.longStatementForJob<NewUsersComparison>(
      COMPARE_NEW_SQL,
      first,
      last,
      String(bucket),
    );
    for (const { day, missing, surplus } of rows) {
      const known = differences.get(day) ?? { missing: 0, surplus: 0 };
      differences.set(day, { day, missing: known.missing + missing, surplus: known.surplus + surplus });
    }
    onStep?.(index + 1, buckets.length);
  }
  return [...differences.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}
