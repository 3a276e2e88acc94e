import { Client } from 'pg';

import { isDistributed } from './citus/tables.js';

export type Row = Record<string, unknown>;

/** Plain SQL beside the code under test. */
export interface Sql {
  /** True when the tables of the database have buckets. */
  readonly isDistributed: boolean;
  rows<T extends Row = Row>(text: string, values?: readonly unknown[]): Promise<T[]>;
  /** Returns the first column of the first row. */
  value(text: string, values?: readonly unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

export async function openSql(url: string): Promise<Sql> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // Tests kill servers and cut connections; a lost connection shows in the next query.
  client.on('error', () => undefined);
  await client.connect();
  const rows = async <T extends Row>(text: string, values: readonly unknown[] = []): Promise<T[]> =>
    (await client.query<T>(text, [...values])).rows;
  return {
    isDistributed: isDistributed(url),
    rows,
    value: async (text, values) => Object.values((await rows(text, values))[0] ?? {})[0],
    close: () => client.end().catch(() => undefined),
  };
}
