import { randomFillSync } from 'node:crypto';
import type { Client } from 'pg';
import { CHUNK_BITS } from '../../src/infrastructure/persistence/actives/bit-chunks.js';
import { addDaysToKey } from '../../src/shared/utils/timezone.util.js';

const PLACES = 34;
const BUCKETS = 16;
const CHUNK_BYTES = CHUNK_BITS / 8;
const ROWS_A_STATEMENT = 512;
/** Identities active on a day, in 1024ths: with 34 days, eight days each. */
const ACTIVE_SHARE = 241;

/** A user is at home in one of 34 provinces; one user-day in ten is elsewhere. */
const FILL_DAY_SQL = `
INSERT INTO analytics_daily_actives (day, level, place, identity)
SELECT $1::date, p.level, p.place, 'u:' || u
FROM generate_series(1, $2::int) AS u
CROSS JOIN LATERAL (SELECT hashint8(u::bigint * 4096 + $3::int) & 1023 AS activity, hashint8(u::bigint * 4096 + $3::int + 2048) & 1023 AS trip) r
CROSS JOIN LATERAL (VALUES
  (0::smallint, ''),
  (1::smallint, '省份' || ((u % 340 / 10 + CASE WHEN trip < 102 THEN trip % 33 + 1 ELSE 0 END) % ${PLACES} + 1))
) AS p (level, place)
WHERE activity < ${ACTIVE_SHARE}
`;
/** Copies who was active in the $1 days from $3 to each of $2 histories before them. */
const COPY_BITS_SQL = `
INSERT INTO analytics_active_bits
SELECT day - n * $1::int, kind, bucket, chunk, bits FROM analytics_active_bits, generate_series(1, $2::int) AS n
WHERE kind = 0 AND day BETWEEN $3::date AND $3::date + $1::int - 1
`;
const COPY_PLACES_SQL = `
INSERT INTO analytics_place_actives
SELECT day - n * $1::int, level, bucket, place, actives, ids FROM analytics_place_actives, generate_series(1, $2::int) AS n
WHERE day BETWEEN $3::date AND $3::date + $1::int - 1
`;
const COPY_DAYS_SQL = `
INSERT INTO analytics_active_days
SELECT day - n * $1::int, built_at FROM analytics_active_days, generate_series(1, $2::int) AS n
WHERE day BETWEEN $3::date AND $3::date + $1::int - 1
`;
const ADD_DAYS_SQL = `
INSERT INTO analytics_active_days SELECT day::date, now() FROM generate_series($1::date, $2::date, '1 day') AS day
`;
const INSERT_BITS_SQL = `
INSERT INTO analytics_active_bits (day, kind, bucket, chunk, bits)
SELECT $1::date, 0, bucket, chunk, bits::bit(15872) FROM unnest($2::smallint[], $3::int[], $4::text[]) AS t (bucket, chunk, bits)
`;

/** Fills the active sets of days with a random quarter of the identities, each in one of 34 provinces. */
export async function fillActiveSets(
  owner: Client,
  days: readonly string[],
  identities: number,
  onDay: (day: string) => void,
): Promise<void> {
  // Other parts drop partitions of days that they have counted, which would stay closed.
  await owner.query('TRUNCATE analytics_dropped_days, analytics_daily_active_users');
  for (const [index, day] of days.entries()) {
    onDay(day);
    await owner.query('SELECT analytics_ensure_partitions($1::date, $1::date)', [day]);
    await owner.query(FILL_DAY_SQL, [day, identities, index]);
  }
  await owner.query('VACUUM ANALYZE analytics_daily_actives');
}

/**
 * Copies the history from `first` to as many earlier days, several times, so that windows find a year before them. New
 * users stay where they are.
 */
export async function copyToEarlierDays(
  owner: Client,
  { first, days, copies }: { readonly first: string; readonly days: number; readonly copies: number },
): Promise<void> {
  for (const sql of [COPY_BITS_SQL, COPY_PLACES_SQL, COPY_DAYS_SQL])
    await owner.query(sql, [days, copies, first]);
  await owner.query('VACUUM ANALYZE analytics_active_bits, analytics_place_actives, analytics_identities');
}

/** Writes random bits, a third of the identities a day, without sets. @returns the number of user-days */
export async function fillRandomBits(
  owner: Client,
  { last, days }: { readonly last: string; readonly days: number },
  identities: number,
): Promise<number> {
  const chunks = Math.ceil(identities / BUCKETS / CHUNK_BITS);
  const random = Buffer.alloc(2 * CHUNK_BYTES);
  const bits = Buffer.alloc(CHUNK_BYTES);
  for (let back = 0; back < days; back++) {
    const rows = Array.from(
      { length: BUCKETS * chunks },
      (_, n) => [n % BUCKETS, Math.floor(n / BUCKETS)] as const,
    );
    while (rows.length > 0) {
      const part = rows.splice(0, ROWS_A_STATEMENT);
      const texts = part.map(() => {
        randomFillSync(random);
        // Three of eight bits on average: about a third of the identities.
        for (let i = 0; i < CHUNK_BYTES; i++) {
          const [a, b] = [random[i] as number, random[CHUNK_BYTES + i] as number];
          bits[i] = (a & b) | (a & b & 0x0f) | (b & ~a & 0x11);
        }
        return `x${bits.toString('hex')}`;
      });
      const columns = [part.map(([bucket]) => bucket), part.map(([, chunk]) => chunk), texts];
      await owner.query(INSERT_BITS_SQL, [addDaysToKey(last, -back), ...columns]);
    }
  }
  await owner.query(ADD_DAYS_SQL, [addDaysToKey(last, 1 - days), last]);
  await owner.query('VACUUM ANALYZE analytics_active_bits');
  const { rows } = await owner.query<{ n: number }>(
    'SELECT sum(bit_count(bits))::float8 AS n FROM analytics_active_bits WHERE day <= $1::date',
    [last],
  );
  return rows[0]?.n ?? 0;
}
