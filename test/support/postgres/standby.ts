import { join } from 'node:path';

import { startPostgresServer, type PostgresServer } from '../postgres.js';
import { waitFor } from '../processes.js';
import { openSql } from '../sql.js';
import { baseBackup } from './base-backup.js';
import { OWNER_PASSWORD, writeFor, type DataDirectory } from './data-directory.js';

export interface StandbyOptions {
  /** name by which the primary knows it, and `synchronous_standby_names` may name it */
  readonly name: string;
  readonly port?: number;
  readonly settings?: Readonly<Record<string, string>>;
  /** makes the directory of its files; default: a temporary one */
  readonly makeDirectory?: () => Promise<DataDirectory>;
}

/** Settings of a primary that keeps the WAL which a new standby needs. */
export const PRIMARY_SETTINGS = { synchronous_commit: 'on', wal_keep_size: '256MB' };

/** Starts a hot standby from a base backup of a primary, and returns once the primary streams to it. */
export async function startStandby(
  primary: PostgresServer,
  { name, port, settings, makeDirectory }: StandbyOptions,
): Promise<PostgresServer> {
  const files = await baseBackup(primary, makeDirectory);
  writeFor(files, join(files.data, 'standby.signal'), '');
  const standby = await startPostgresServer({
    ...(port !== undefined && { port }),
    from: files,
    settings: {
      ...PRIMARY_SETTINGS,
      primary_conninfo: `host=${primary.host} port=${primary.port} user=postgres password=${OWNER_PASSWORD} application_name=${name}`,
      wal_retrieve_retry_interval: '100ms',
      ...settings,
    },
  });
  const sql = await openSql(primary.ownerUrl);
  try {
    await waitFor(
      () =>
        sql.value(
          "SELECT true FROM pg_stat_replication WHERE application_name = $1 AND state = 'streaming'",
          [name],
        ),
      20_000,
      { what: `${name} streams from the primary` },
    );
  } finally {
    await sql.close();
  }
  return standby;
}

/** Makes commits of a primary wait for a standby, which streams from it; null for none. */
export async function waitForStandby(primary: PostgresServer, name: string | null): Promise<void> {
  const sql = await openSql(primary.ownerUrl);
  try {
    await sql.rows(`ALTER SYSTEM SET synchronous_standby_names = '${name ?? ''}'`);
    await sql.rows('SELECT pg_reload_conf()');
    if (name === null) return;
    await waitFor(
      () =>
        sql.value(
          "SELECT true FROM pg_stat_replication WHERE application_name = $1 AND sync_state = 'sync'",
          [name],
        ),
      20_000,
      { what: `commits wait for ${name}` },
    );
  } finally {
    await sql.close();
  }
}

/** Makes a standby the primary, whose commits wait for nobody, and returns once it takes writes. */
export async function promote(standby: PostgresServer): Promise<void> {
  const sql = await openSql(standby.ownerUrl);
  try {
    await sql.rows('SELECT pg_promote(wait => true, wait_seconds => 20)');
  } finally {
    await sql.close();
  }
  await waitForStandby(standby, null);
}

/** Starts a former primary again as a server that takes no writes. */
export async function returnReadOnly(former: PostgresServer): Promise<void> {
  writeFor(former.files, join(former.files.data, 'standby.signal'), '');
  await former.restart();
}
