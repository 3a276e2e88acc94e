import { chown, copyFile, lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { PostgresServer } from '../postgres.js';
import { openSql } from '../sql.js';
import { makeDataDirectory, writeFor, type DataDirectory } from './data-directory.js';

/** Directories that a copy has empty: PostgreSQL's manual, "Making a base backup using the low level API". */
const CONTENTS_LEFT_OUT = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);
const FILES_LEFT_OUT = /^(postmaster\.(pid|opts)|pgsql_tmp.*|pg_internal\.init.*|current_logfiles\.tmp)$/;

/**
 * Copies the files of a running server, as `pg_basebackup` does, which the package of the test servers lacks.
 * The copy has no WAL: the caller configures the source of its WAL, a primary or an archive.
 */
export async function baseBackup(
  server: PostgresServer,
  makeDirectory: () => Promise<DataDirectory> = makeDataDirectory,
): Promise<DataDirectory> {
  const copy = await makeDirectory();
  // The session that begins a backup ends it.
  const sql = await openSql(server.ownerUrl);
  try {
    await sql.rows("SELECT pg_backup_start('test', fast => true)");
    await copyTree(server.files.data, copy.data, copy);
    const [stopped] = await sql.rows<{ labelfile: string; spcmapfile: string }>(
      'SELECT labelfile, spcmapfile FROM pg_backup_stop(wait_for_archive => false)',
    );
    writeFor(copy, join(copy.data, 'backup_label'), stopped?.labelfile ?? '');
  } finally {
    await sql.close();
  }
  await makeSubdirectory(join(copy.data, 'pg_wal', 'archive_status'), copy);
  return copy;
}

/** Files come and go while the server works; WAL brings what the copy lacks. */
async function copyTree(from: string, to: string, owner: DataDirectory): Promise<void> {
  for (const name of await readdir(from)) {
    if (FILES_LEFT_OUT.test(name)) continue;
    const [source, target] = [join(from, name), join(to, name)];
    try {
      if ((await lstat(source)).isDirectory()) {
        await makeSubdirectory(target, owner);
        if (!CONTENTS_LEFT_OUT.has(name)) await copyTree(source, target, owner);
      } else {
        await copyFile(source, target);
        await giveTo(target, owner);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

async function makeSubdirectory(path: string, owner: DataDirectory): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await giveTo(path, owner);
}

async function giveTo(path: string, { runAs: { uid, gid } }: DataDirectory): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}
