import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { OWNER, PASSWORD_FILE, type Cluster } from './cluster.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { giveToOsUser } from './os-user.js';
import { runProgram } from './run-program.js';
import { ignore } from './system-error.js';

const TIMEOUT_MS = 120_000;

/**
 * Creates the files of a cluster whose directory is missing or empty; keeps those of an earlier run.
 *
 * @throws EmbeddedPostgresError `unusable-data`, `init-failed`
 */
export async function ensureInitialised(cluster: Cluster): Promise<void> {
  const { directory } = cluster;
  const prefix = `${basename(directory)}.init-`;
  await removeAbandoned(dirname(directory), prefix);
  const content = (await readdir(directory).catch(ignore('ENOENT'))) ?? [];
  if (content.length > 0) {
    assertOwnData(directory, content);
    return;
  }
  await rmdir(directory).catch(ignore('ENOENT'));
  await initialise(cluster, join(dirname(directory), prefix + randomBytes(6).toString('hex')));
}

/** Removes what a process left that was killed during initdb; retries, because its initdb may still write. */
async function removeAbandoned(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue;
    await rm(join(parent, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

function assertOwnData(directory: string, content: readonly string[]): void {
  if (content.includes('PG_VERSION') && content.includes(PASSWORD_FILE)) return;
  throw new EmbeddedPostgresError(
    'unusable-data',
    `${directory} is not empty, and not a database that this program made` +
      `${content.includes('PG_VERSION') ? ` (its file "${PASSWORD_FILE}" is missing)` : ''}. ` +
      'Move it away, or name another directory.',
  );
}

/** Creates the files in a temporary directory, and renames it when they are complete. */
async function initialise(cluster: Cluster, temporary: string): Promise<void> {
  cluster.onProgress(`Creating a PostgreSQL database in ${cluster.dataDirectory}`);
  const passwordFile = `${temporary}.password`;
  try {
    await mkdir(temporary, { mode: 0o700 });
    await giveToOsUser(temporary, cluster.runAs);
    await writeFile(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
    await giveToOsUser(passwordFile, cluster.runAs);
    await runInitdb(cluster, temporary, passwordFile);
    await rename(passwordFile, join(temporary, PASSWORD_FILE));
    await rename(temporary, cluster.directory);
    await syncDirectory(dirname(cluster.directory));
  } finally {
    await rm(passwordFile, { force: true });
    await rm(temporary, { recursive: true, force: true });
  }
}

async function runInitdb(cluster: Cluster, directory: string, passwordFile: string): Promise<void> {
  const args = [
    `--pgdata=${directory}`,
    `--username=${OWNER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The built-in provider sorts by code point on every system; libc's C.UTF-8 is not on all of them.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    ...(cluster.settings['fsync'] === 'off' ? ['--no-sync'] : []),
  ];
  const { failure } = await runProgram(cluster.programs.initdb, args, TIMEOUT_MS, cluster.runAs);
  if (failure === undefined) return;
  const reason = failure.text.slice(-2_000);
  throw new EmbeddedPostgresError('init-failed', `Creating the embedded database failed: ${reason}`);
}

/** Makes a rename in the directory survive a power cut. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  await directory.sync().finally(() => directory.close());
}
