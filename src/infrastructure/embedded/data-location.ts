import { randomBytes } from 'node:crypto';
import { access, constants, lstat, readdir, readlink, realpath, rmdir, symlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import {
  canReach,
  createPassableDirectory,
  SYSTEM_STATE_DIRECTORY,
  unreachableError,
} from './reachable-directory.js';
import { type RunAs } from './run-program.js';
import { hasCode, ignore } from './system-error.js';

/** @throws EmbeddedPostgresError `unusable-data` when the parent cannot be created or written */
export async function createParentDirectory(dataDirectory: string): Promise<void> {
  const parent = dirname(dataDirectory);
  try {
    await createPassableDirectory(parent);
    await access(parent, constants.W_OK);
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'unusable-data',
      `The embedded PostgreSQL cannot write to ${parent}` +
        `${hasCode(cause, 'EROFS') ? ', which is read-only' : ': it may belong to root or to another user'}. ` +
        'Run this as the user it belongs to, remove it, or set DATABASE_URL to a PostgreSQL server.',
      { cause },
    );
  }
}

/**
 * Returns the canonical path of the data: the configured one, or a directory below /var/lib that a symbolic link in
 * the configured place names, when the OS user of PostgreSQL cannot reach that place (a checkout below /root).
 *
 * @throws EmbeddedPostgresError `unusable-data`, `unreachable-directory`
 */
export async function locateData(
  dataDirectory: string,
  runAs: RunAs,
  onProgress: (line: string) => void,
): Promise<string> {
  const parent = dirname(dataDirectory);
  const existing = await lstat(dataDirectory).catch(ignore('ENOENT'));
  if (existing?.isSymbolicLink() === true) return followLink(dataDirectory, runAs);
  // Windows has no user ids, and root gives the data to the OS user.
  const ownUid = runAs.uid === undefined ? process.getuid?.() : undefined;
  if (existing !== undefined && ownUid !== undefined && existing.uid !== ownUid) {
    throw new EmbeddedPostgresError(
      'unusable-data',
      `${dataDirectory} belongs to another user (uid ${existing.uid}): the service ran as root or as another ` +
        'user before. Run it as that user again, or move the directory away to start anew.',
    );
  }
  if (await canReach(parent, runAs)) return join(await realpath(parent), basename(dataDirectory));
  if (existing !== undefined && (await readdir(dataDirectory)).length > 0) {
    throw unreachableError(dataDirectory, runAs);
  }
  const home = join(SYSTEM_STATE_DIRECTORY, randomBytes(8).toString('hex'));
  try {
    await createPassableDirectory(home);
    if (existing !== undefined) await rmdir(dataDirectory);
    await symlink(join(home, 'postgres'), dataDirectory);
  } catch (cause) {
    throw unreachableError(dataDirectory, runAs, cause);
  }
  onProgress(
    `The OS user for PostgreSQL cannot reach ${parent}: the data is kept in ${home}, linked from there`,
  );
  return followLink(dataDirectory, runAs);
}

async function followLink(link: string, runAs: RunAs): Promise<string> {
  const target = resolve(dirname(link), await readlink(link));
  const home = dirname(target);
  await createPassableDirectory(home);
  if (!(await canReach(home, runAs))) throw unreachableError(home, runAs);
  return join(await realpath(home), basename(target));
}
