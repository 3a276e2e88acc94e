import { readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import { locateData } from './data-location.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { chooseOsUser } from './os-user.js';
import { findPostgresPrograms, type PostgresPrograms } from './postgres-programs.js';
import { isAlive, readCommandLine } from './process-table.js';
import { type RunAs } from './run-program.js';
import { ignore } from './system-error.js';

export interface ClusterOptions {
  /** Absolute path. */
  readonly dataDirectory: string;
  /** PostgreSQL settings for a server that has to be started. */
  readonly settings: Readonly<Record<string, string>>;
  readonly onProgress: (line: string) => void;
}

/** Data directory of a server, with what is needed to create and run it. */
export interface Cluster extends ClusterOptions {
  /** Canonical path of the data, which may be outside the configured directory. */
  readonly directory: string;
  readonly logFile: string;
  readonly programs: PostgresPrograms;
  readonly runAs: RunAs;
}

/** Server process of a cluster. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** True when it accepts connections, false while it starts, recovers or stops. */
  readonly isReady: boolean;
}

/** Address of the servers: other machines cannot connect. */
export const HOST = '127.0.0.1';
export const OWNER = 'postgres';
const DATABASE = 'analytics';

/** File in the data directory with the password of the owner. */
export const PASSWORD_FILE = 'owner-password';

/** @throws EmbeddedPostgresError when the OS user, the programs or the place for the data is unavailable */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const runAs = await chooseOsUser(options.dataDirectory);
  const programs = await findPostgresPrograms(runAs);
  const directory = await locateData(options.dataDirectory, runAs, options.onProgress);
  return { ...options, directory, logFile: `${options.dataDirectory}.log`, programs, runAs };
}

/** Reads the running server from `postmaster.pid`; undefined when the file is missing or stale. */
export async function readPostmaster({ directory }: Cluster): Promise<Postmaster | undefined> {
  const path = join(directory, 'postmaster.pid');
  const lines = (await readFile(path, 'utf8').catch(ignore('ENOENT')))?.split('\n') ?? [];
  // PostgreSQL negates the id of a server in single-user mode.
  const pid = Math.abs(Number(lines[0]));
  if (!(pid > 0) || !(await isAlive(pid))) return undefined;
  if (process.platform !== 'win32' && !(await readCommandLine(pid)).includes(directory)) {
    // PostgreSQL would take another program with that id for a server, and refuse to start.
    if (await isAlive(pid)) await unlink(path).catch(ignore('ENOENT'));
    return undefined;
  }
  return { pid, port: Number(lines[3]), isReady: lines[7]?.trim() === 'ready' };
}

/**
 * Returns the URL of the database as its owner.
 *
 * @throws EmbeddedPostgresError `unusable-data` when the password cannot be read
 */
export async function readOwnerUrl({ directory }: Cluster, port: number): Promise<string> {
  try {
    const password = await readFile(join(directory, PASSWORD_FILE), 'utf8');
    return `postgresql://${OWNER}:${password.trim()}@${HOST}:${port}/${DATABASE}`;
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'unusable-data',
      `The password of the database in ${directory} (its file "${PASSWORD_FILE}") cannot be read. ` +
        'Put it back, run this as the user who made it, or move the directory away to start anew.',
      { cause },
    );
  }
}
