import { chmod, mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { runProgram, type RunAs } from './run-program.js';

/** Place for what the OS user that runs PostgreSQL cannot reach inside a private checkout. */
export const SYSTEM_STATE_DIRECTORY = '/var/lib/analytics-presence';

/** Tests whether the OS user may pass through every directory on the way to this one. */
export async function canReach(directory: string, runAs: RunAs): Promise<boolean> {
  if (runAs.uid === undefined) return true;
  const { failure } = await runProgram('test', ['-x', directory], 20_000, runAs);
  return failure === undefined;
}

/** Creates the missing directories of a path, open to pass through for other users whatever the umask. */
export async function createPassableDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true });
  if (first === undefined || process.platform === 'win32') return;
  for (let path = resolve(directory); path.length >= resolve(first).length; path = dirname(path)) {
    await chmod(path, ((await stat(path)).mode & 0o777) | 0o711);
  }
}

export function unreachableError(path: string, runAs: RunAs, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'unreachable-directory',
    `PostgreSQL does not run as root, and the OS user it runs as (uid ${runAs.uid ?? '?'}) cannot reach ${path}: a ` +
      `directory above it is private, as /root usually is, and ${SYSTEM_STATE_DIRECTORY} could not be used instead. ` +
      'Move the checkout out of the private directory (to /srv or /opt, say), run this as an ordinary user, ' +
      'or set DATABASE_URL to a PostgreSQL server.',
    cause === undefined ? undefined : { cause },
  );
}
