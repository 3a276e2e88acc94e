import { chown, stat } from 'node:fs/promises';

import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { runProgram, type RunAs } from './run-program.js';

const TIMEOUT_MS = 20_000;

/** Names of the PostgreSQL user on Linux distributions and on macOS. */
const OS_USERS = ['postgres', '_postgres'];

/**
 * Chooses the OS user that runs PostgreSQL, which refuses to run as root. Root takes the owner of existing data,
 * else the system's `postgres` user, which is created when missing.
 *
 * @throws EmbeddedPostgresError `no-os-user`
 */
export async function chooseOsUser(dataDirectory: string): Promise<RunAs> {
  if (process.platform === 'win32' || process.getuid?.() !== 0) return {};
  const data = await stat(dataDirectory).catch(() => undefined);
  if (data !== undefined && data.uid !== 0) return { uid: data.uid, gid: data.gid };
  const existing = await findOsUser();
  if (existing !== undefined) return existing;
  await runProgram('groupadd', ['--system', 'postgres'], TIMEOUT_MS);
  const { failure } = await runProgram(
    'useradd',
    ['--system', '--no-create-home', '--gid', 'postgres', '--shell', '/usr/sbin/nologin', 'postgres'],
    TIMEOUT_MS,
  );
  const created = await findOsUser();
  if (created !== undefined) return created;
  throw new EmbeddedPostgresError(
    'no-os-user',
    'PostgreSQL does not run as root, and the OS user "postgres" to run it as could not be created ' +
      `(${failure?.text ?? ''}). Create a user of that name, run this as an ordinary user, ` +
      'or set DATABASE_URL to a PostgreSQL server.',
  );
}

/** Makes the OS user the owner of a file or directory; does nothing when it is the user of this process. */
export async function giveToOsUser(path: string, { uid, gid }: RunAs): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}

async function findOsUser(): Promise<RunAs | undefined> {
  for (const name of OS_USERS) {
    const { stdout } = await runProgram('id', [name], TIMEOUT_MS);
    const [, uid, gid] = /^uid=(\d+)\S* gid=(\d+)/.exec(stdout) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}
