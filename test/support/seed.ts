import { randomBytes } from 'node:crypto';

import { BUCKETS, bucketOf } from '../../src/infrastructure/persistence/citus/buckets.js';
import type { Row, Sql } from './sql.js';

/** Returns the columns that a row has besides, where the tables have buckets. */
type Placement = (row: Row) => Row;

const inBucketOf = (subject: unknown): Row => ({ bucket: bucketOf(String(subject)) });

/** Numbers are larger than every earlier one, as those that a flush makes. */
let lastNumber = 0;
const nextNumber = (): number => (lastNumber = Math.max(lastNumber + 1, Date.now() * 1000));

const PLACEMENTS = {
  analytics_event_log: (row) => {
    const [user, install] = [row['user_id'], row['install_id']] as [string | null | undefined, string];
    return { ...inBucketOf(user ? `u:${user}` : `i:${install}`), id: nextNumber() };
  },
  analytics_daily_actives: ({ identity }) => inBucketOf(identity),
  analytics_dau_pending: () => ({ bucket: BUCKETS[0], id: randomBytes(6).readUIntBE(0, 6) }),
  analytics_outbox: ({ aggregateid }) => ({ lane: bucketOf(String(aggregateid)), sequence: nextNumber() }),
} satisfies Record<string, Placement>;

/**
 * Inserts rows by hand, the same on tables of one server and on tables with buckets.
 * A column that the rows do not name gets its default.
 */
export async function seed(
  sql: Sql,
  table: keyof typeof PLACEMENTS,
  rows: readonly Row[],
): Promise<readonly Row[]> {
  const placement: Placement = PLACEMENTS[table];
  return insertRows(
    sql,
    table,
    sql.isDistributed ? rows.map((row) => ({ ...row, ...placement(row) })) : rows,
  );
}

/** Marks a day, as a flush does that adds actives. */
export async function seedMark(sql: Sql, day: string): Promise<void> {
  await seed(sql, 'analytics_dau_pending', [{ day }]);
}

/** @param identity owner of the claimed event, by which the bucket is found; it is not stored */
export async function seedClaim(sql: Sql, claim: Row, identity: string): Promise<void> {
  const row = sql.isDistributed ? { ...claim, ...inBucketOf(identity) } : claim;
  await insertRows(sql, 'analytics_event_corrections', [row]);
}

/** Adds an entry of the dictionary. */
export async function seedIdentity(
  sql: Sql,
  identity: string,
  { id, firstDay }: { readonly id: number; readonly firstDay: string },
): Promise<void> {
  const bucket = sql.isDistributed
    ? bucketOf(identity)
    : await sql.value('SELECT analytics_identity_bucket($1)', [identity]);
  await insertRows(sql, 'analytics_identities', [{ bucket, identity, id, first_day: firstDay }]);
}

/** Inserts the columns that the first row has; JSON carries the values, so that the table names their types once. */
export async function insertRows(sql: Sql, table: string, rows: readonly Row[]): Promise<readonly Row[]> {
  const columns = Object.keys(rows[0] ?? {}).join();
  await sql.rows(
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)`,
    [JSON.stringify(rows)],
  );
  return rows;
}
