import { chownSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { startPostgresServer, type PostgresServer } from '../postgres.js';
import { temporaryDirectory, waitFor } from '../processes.js';
import { openSql } from '../sql.js';
import { initialize, makeDataDirectory, writeFor, type DataDirectory } from './data-directory.js';

/** A server that archives its WAL, as docs/operations.md sets one up. */
export interface ArchivingServer {
  readonly server: PostgresServer;
  readonly archive: string;
  /** Waits until the archive has all WAL of this moment. */
  archiveAll(): Promise<void>;
  removeArchive(): void;
}

export async function startArchivingServer(): Promise<ArchivingServer> {
  const files = await makeDataDirectory();
  await initialize(files);
  const outside = temporaryDirectory('wal');
  const archive = join(outside, 'archive');
  mkdirSync(archive, { mode: 0o700 });
  const { uid, gid } = files.runAs;
  if (uid !== undefined && gid !== undefined) chownSync(archive, uid, gid);
  const server = await startPostgresServer({
    from: files,
    settings: {
      wal_level: 'replica',
      archive_mode: 'on',
      archive_command: `test ! -f ${archive}/%f && cp %p ${archive}/%f`,
      synchronous_commit: 'on',
      full_page_writes: 'on',
    },
  });
  return {
    server,
    archive,
    archiveAll: () => archiveAll(server),
    removeArchive: () => rmSync(outside, { recursive: true, force: true }),
  };
}

async function archiveAll(server: PostgresServer): Promise<void> {
  const sql = await openSql(server.ownerUrl);
  try {
    const last = await sql.value('SELECT pg_walfile_name(pg_switch_wal())');
    await waitFor(() => sql.value('SELECT last_archived_wal >= $1 FROM pg_stat_archiver', [last]), 20_000, {
      what: `the archive has ${String(last)}`,
    });
  } finally {
    await sql.close();
  }
}

/** Starts a server from a base backup and the archive as it was at a moment, and returns once it takes writes. */
export async function restoreTo(
  moment: string,
  backup: DataDirectory,
  { archive, port }: { readonly archive: string; readonly port: number },
): Promise<PostgresServer> {
  writeFor(backup, join(backup.data, 'recovery.signal'), '');
  const server = await startPostgresServer({
    port,
    from: backup,
    settings: {
      restore_command: `cp ${archive}/%f %p`,
      recovery_target_time: moment,
      recovery_target_action: 'promote',
    },
  });
  const sql = await openSql(server.ownerUrl);
  try {
    await waitFor(() => sql.value('SELECT NOT pg_is_in_recovery()'), 30_000, { what: 'the recovery ends' });
    return server;
  } finally {
    await sql.close();
  }
}
