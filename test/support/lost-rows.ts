import { isDeepStrictEqual } from 'node:util';

import type { Row, Sql } from './sql.js';

/** Registers of the migrations, which an upgrade extends. */
const REGISTERS = ['analytics_migrations', 'analytics_citus_migrations'];

/** Returns every row of every table of the service, as the columns of that version. */
export async function allRows(sql: Sql): Promise<ReadonlyMap<string, readonly string[]>> {
  const tables = await sql.rows<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
       AND relname LIKE 'analytics\\_%' AND relname <> ALL ($1) AND relnamespace = 'public'::regnamespace ORDER BY 1`,
    [REGISTERS],
  );
  const rows = new Map<string, string[]>();
  for (const { name } of tables) {
    const found = await sql.rows<{ row: string }>(
      `SELECT to_jsonb(t)::text AS row FROM ${name} AS t ORDER BY 1`,
    );
    rows.set(
      name,
      found.map(({ row }) => row),
    );
  }
  return rows;
}

/** Returns the earlier rows that no row of today contains, each with its table. */
export async function lostRows(sql: Sql, before: ReadonlyMap<string, readonly string[]>): Promise<string[]> {
  const lost: string[] = [];
  for (const [table, rows] of before) {
    const today = (await sql.rows<{ row: Row }>(`SELECT to_jsonb(t) AS row FROM ${table} AS t`)).map(
      ({ row }) => row,
    );
    const isKept = (old: Row): boolean =>
      today.some((row) =>
        Object.entries(old).every(([column, value]) => isDeepStrictEqual(row[column], value)),
      );
    lost.push(...rows.filter((old) => !isKept(JSON.parse(old) as Row)).map((old) => `${table}: ${old}`));
  }
  return lost;
}
