import type { BitsComparison } from '../../../domain/repositories/active-bits.repository.interface.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { compareBits } from '../actives/bits-audit.js';
import { toActiveCount, type ActiveCountRow } from '../mappers/active-count.mapper.js';
import type { PrismaService } from '../prisma/prisma.service.js';
import { COUNT_DAY_BITS_SQL, COUNT_DAY_PLACES_SQL } from './bucket-bits-statements.js';

/** Names the identity of each bit and compares with the log, bucket by bucket on its node; the coordinator adds. */
const COMPARE_BUCKETS_SQL = `
SELECT count(*) FILTER (WHERE is_active AND NOT is_nameless)::int AS named,
       count(*) FILTER (WHERE sessions.identity IS NOT NULL AND is_active IS NOT TRUE)::int AS missing,
       count(*) FILTER (WHERE sessions.identity IS NULL AND is_active AND NOT is_nameless)::int AS surplus,
       count(*) FILTER (WHERE sessions.identity IS NOT NULL AND first_day > $1::date)::int AS "wrongFirstDays",
       count(*) FILTER (WHERE is_new <> (first_day = $1::date))::int AS "wrongNewBits"
FROM (
  SELECT i.bucket, i.identity, i.first_day, i.identity LIKE 'e:%' AS is_nameless,
         coalesce(get_bit(active.bits, i.id % 15872), 0) = 1 AS is_active,
         coalesce(get_bit(fresh.bits, i.id % 15872), 0) = 1 AS is_new
  FROM analytics_identities i
  LEFT JOIN analytics_active_bits active
    ON active.bucket = i.bucket AND active.day = $1::date AND active.kind = 0 AND active.chunk = i.id / 15872
  LEFT JOIN analytics_active_bits fresh
    ON fresh.bucket = i.bucket AND fresh.day = $1::date AND fresh.kind = 1 AND fresh.chunk = i.id / 15872
) named
FULL JOIN (
  SELECT DISTINCT bucket, CASE WHEN user_id IS NULL THEN 'i:' || install_id ELSE 'u:' || user_id::text END AS identity
  FROM analytics_event_log
  WHERE event_name = $2 AND event_time >= $3::timestamptz AND event_time < $4::timestamptz
) sessions ON sessions.bucket = named.bucket AND sessions.identity = named.identity
`;

/** Counts bits of new users that have an identity; a nameless one may share its id with a named one. */
const COUNT_NAMED_NEW_SQL = `
SELECT coalesce(sum(n), 0)::int AS "namedNew" FROM (
  SELECT i.bucket, count(DISTINCT i.id) AS n
  FROM analytics_identities i
  JOIN analytics_active_bits fresh
    ON fresh.bucket = i.bucket AND fresh.day = $1::date AND fresh.kind = 1 AND fresh.chunk = i.id / 15872
  WHERE get_bit(fresh.bits, i.id % 15872) = 1
  GROUP BY i.bucket
) buckets
`;

const COUNT_NEW_SQL = `
SELECT coalesce(sum(bit_count(bits)), 0)::int AS new FROM analytics_active_bits WHERE day = $1::date AND kind = 1
`;

const ERASED_SQL = `
SELECT coalesce(sum(identities), 0)::int AS "erasedActive", coalesce(sum(new_identities), 0)::int AS "erasedNew"
FROM analytics_erased_actives WHERE day = $1::date AND level = 0
`;

type Counted = ActiveCountRow & Record<string, unknown>;

interface BucketSums {
  readonly named: number;
  readonly missing: number;
  readonly surplus: number;
  readonly wrongFirstDays: number;
  readonly wrongNewBits: number;
  readonly namedNew: number;
  readonly new: number;
  readonly erasedActive: number;
  readonly erasedNew: number;
}

/** Counts the bits of a day, and those of its places: a UNION would pass rows through the coordinator. */
export async function countBucketBits(prisma: PrismaService, day: DateKey): Promise<ActiveCountRow[]> {
  return [
    ...(await prisma.longStatementForJob<Counted>(COUNT_DAY_BITS_SQL, day)),
    ...(await prisma.longStatementForJob<Counted>(COUNT_DAY_PLACES_SQL, day)),
  ];
}

/** Compares the bits of a day with the log on a cluster; null before they are built. */
export async function compareBucketBits(prisma: PrismaService, day: DateKey): Promise<BitsComparison | null> {
  return compareBits(prisma, day, async (bounds) => {
    const count = toActiveCount(await countBucketBits(prisma, day));
    const parts = [
      ...(await prisma.longStatementForJob(COMPARE_BUCKETS_SQL, day, ...bounds)),
      ...(await prisma.longStatementForJob(COUNT_NAMED_NEW_SQL, day)),
      ...(await prisma.longStatementForJob(COUNT_NEW_SQL, day)),
      ...(await prisma.longStatementForJob(ERASED_SQL, day)),
    ];
    const sums = Object.assign({}, ...parts) as BucketSums;
    const { missing, surplus, wrongFirstDays, wrongNewBits } = sums;
    return {
      count,
      unnamed: Math.max(count.total - sums.erasedActive - sums.named, 0),
      unnamedNew: Math.max(sums.new - sums.erasedNew - sums.namedNew, 0),
      missing,
      surplus,
      wrongFirstDays,
      wrongNewBits,
    };
  });
}
