import { BitChunks } from '../../src/infrastructure/persistence/actives/bit-chunks.js';
import { encodeIds } from '../../src/infrastructure/persistence/actives/id-list.js';
import { bucketOf } from '../../src/infrastructure/persistence/citus/buckets.js';
import { NOON, NOON_DAY, uuid } from './builders.js';
import { insertRows, seed, seedClaim, seedMark } from './seed.js';
import type { Row, Sql } from './sql.js';

export const YESTERDAY = '2025-06-14';
export const TODAY = NOON_DAY;
const NOON_YESTERDAY = '2025-06-14T04:00:00.000Z';
/** A device clock that was a day behind. */
export const CORRECTED = { eventId: uuid(900), userId: '9', at: NOON, clientTime: NOON_YESTERDAY };

/** Counts of what each version has stored, by columns that all have. */
export const EVENTS = 30 + 40 + 10 + 14 + 1;
export const ACTIVE_YESTERDAY = 30;
export const ACTIVE_TODAY = 41;
export const ACTIVE_ON_BOTH_DAYS = 60;

interface Active extends Row {
  readonly day: string;
  readonly level: number;
  readonly place: string;
  readonly identity: string;
}

interface Stored extends Row {
  readonly event_time: string;
  readonly user_id: string | null;
  readonly install_id: string;
  readonly properties?: { readonly province: string; readonly city: string };
}

/** Returns users 1 to 30 yesterday and 21 to 60 today: each third one in two cities, each tenth an install. */
function events(): Stored[] {
  const rows: Stored[] = [];
  for (const day of [0, 1])
    for (let n = day === 0 ? 1 : 21; n <= (day === 0 ? 30 : 60); n++)
      for (let visit = 0; visit < (n % 3 === 0 ? 2 : 1); visit++)
        rows.push({
          event_id: uuid(n + 1000 * visit + 100_000 * day),
          event_time: new Date(Date.parse(NOON_YESTERDAY) + (24 * day + visit) * 3_600_000).toISOString(),
          user_id: n % 10 === 0 ? null : String(n),
          install_id: `install-${n}`,
          event_name: 'app_session_start',
          properties: { province: visit === 0 ? '广东省' : '浙江省', city: `city-${(n % 4) + visit}` },
        });
  const { eventId, userId, at } = CORRECTED;
  return [
    ...rows,
    {
      event_id: eventId,
      event_time: at,
      user_id: userId,
      install_id: 'install-00000001',
      event_name: 'app_session_start',
    },
  ];
}

function activesOf(rows: readonly Stored[]): Active[] {
  const found = new Map<string, Active>();
  for (const { user_id: user, install_id: install, event_time: time, properties } of rows) {
    const identity = user === null ? `i:${install}` : `u:${user}`;
    const day = time < '2025-06-14T16:00' ? YESTERDAY : TODAY;
    for (const [level, place] of ['', properties?.province, properties?.city].entries())
      if (place !== undefined) {
        const active = { day, level, place, identity };
        found.set(JSON.stringify(active), active);
      }
  }
  return [...found.values()];
}

/** Writes what flush, rollup and jobs of every version have written, into a migrated database of an earlier one. */
export async function fillEarlierVersion(sql: Sql): Promise<void> {
  await sql.rows('SELECT analytics_ensure_partitions($1, $2)', [YESTERDAY, TODAY]);
  const log = events();
  const actives = activesOf(log);
  await seed(sql, 'analytics_event_log', log);
  const { eventId, userId, at, clientTime } = CORRECTED;
  await seedClaim(sql, { event_id: eventId, client_time: clientTime, event_time: at }, `u:${userId}`);
  await seed(sql, 'analytics_daily_actives', actives);
  const countPlaces = (wanted: number): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { day, level, place } of actives)
      if (day === YESTERDAY && level === wanted) counts[place] = (counts[place] ?? 0) + 1;
    return counts;
  };
  await insertRows(sql, 'analytics_daily_active_users', [
    {
      day: YESTERDAY,
      dau_count: ACTIVE_YESTERDAY,
      dau_by_province: countPlaces(1),
      dau_by_city: countPlaces(2),
      calculated_at: '2025-06-14T17:00:00Z',
      version: 2,
    },
  ]);
  await seedMark(sql, TODAY);
  await sql.rows(`INSERT INTO analytics_online_snapshots (ts, online_count)
    SELECT timestamptz '${NOON_YESTERDAY}' + n * interval '1 minute', n FROM generate_series(1, 90) AS n`);
  await seed(
    sql,
    'analytics_outbox',
    Array.from({ length: 40 }, (_, n) => ({
      id: uuid(2_000_000 + n),
      aggregatetype: 'session',
      aggregateid: `u:${n + 1}`,
      type: 'analytics.session.started',
      payload: { userId: String(n + 1) },
      occurred_at: NOON,
    })),
  );
  if ((await sql.value("SELECT to_regclass('analytics_active_bits') IS NOT NULL")) === true)
    await fillBits(sql, actives);
}

/** Writes dictionary, bits and lists of places as builds of both days have left them. */
async function fillBits(sql: Sql, actives: readonly Active[]): Promise<void> {
  const buckets = await readBuckets(sql, [...new Set(actives.map(({ identity }) => identity))]);
  const identities = new Map<string, { bucket: number; identity: string; id: number; first_day: string }>();
  const nextIds = new Map<number, number>();
  // Events of yesterday come first.
  for (const { day, identity } of [...actives].sort((a, b) => (a.day < b.day ? -1 : 1))) {
    if (identities.has(identity)) continue;
    const bucket = buckets.get(identity) as number;
    const id = nextIds.get(bucket) ?? 0;
    nextIds.set(bucket, id + 1);
    identities.set(identity, { bucket, identity, id, first_day: day });
  }
  const bits = new Map<string, { row: Row; chunks: BitChunks }>();
  const places = new Map<string, { row: Row; ids: number[] }>();
  for (const { day, level, place, identity } of actives) {
    const {
      bucket,
      id,
      first_day: first,
    } = identities.get(identity) as { bucket: number; id: number; first_day: string };
    if (level > 0) {
      const row = { day, level, bucket, place };
      const key = JSON.stringify(row);
      places.set(key, { row, ids: [...(places.get(key)?.ids ?? []), id] });
    } else
      for (const kind of first === day ? [0, 1] : [0]) {
        const row = { day, kind, bucket };
        const { chunks } = bits.get(JSON.stringify(row)) ?? { chunks: new BitChunks() };
        chunks.add(id);
        bits.set(JSON.stringify(row), { row, chunks });
      }
  }
  await insertRows(sql, 'analytics_identities', [...identities.values()]);
  await insertRows(
    sql,
    'analytics_identity_counters',
    [...nextIds].map(([bucket, next_id]) => ({ bucket, next_id })),
  );
  await insertRows(
    sql,
    'analytics_active_bits',
    [...bits.values()].flatMap(({ row, chunks }) =>
      chunks.toLiterals().map((chunk) => ({ ...row, ...chunk })),
    ),
  );
  await insertRows(
    sql,
    'analytics_place_actives',
    [...places.values()].map(({ row, ids }) => ({
      ...row,
      actives: ids.length,
      ids: String.raw`\x${encodeIds(Uint32Array.from(ids).sort()).toString('hex')}`,
    })),
  );
  await insertRows(sql, 'analytics_active_days', [
    { day: YESTERDAY, built_at: '2025-06-14T17:00:00Z' },
    { day: TODAY, built_at: NOON },
  ]);
}

/** Returns the bucket of each identity, which the dictionary has by SQL until a cluster distributes it. */
async function readBuckets(sql: Sql, identities: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const isPlain = await sql.value(
    "SELECT EXISTS (SELECT FROM pg_constraint WHERE conname = 'analytics_identities_bucket_check')",
  );
  if (isPlain !== true) return new Map(identities.map((identity) => [identity, bucketOf(identity)]));
  const rows = await sql.rows<{ identity: string; bucket: number }>(
    'SELECT identity, analytics_identity_bucket(identity) AS bucket FROM unnest($1::text[]) AS identity',
    [identities],
  );
  return new Map(rows.map(({ identity, bucket }) => [identity, bucket]));
}
