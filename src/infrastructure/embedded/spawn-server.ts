import { spawn } from 'node:child_process';
import { open, readFile, stat, truncate, type FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { HOST, readPostmaster, type Cluster } from './cluster.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { giveToOsUser } from './os-user.js';
import { programContext } from './run-program.js';

const POLL_MS = 50;
const MAX_LOG_BYTES = 10 * 1024 * 1024;

/**
 * Spawns a server and waits until it accepts connections.
 *
 * @param deadline milliseconds since epoch
 * @returns its process id
 * @throws EmbeddedPostgresError `port-in-use`, `unusable-data`, `start-failed`, `timeout`
 */
export async function spawnServer(cluster: Cluster, port: number, deadline: number): Promise<number> {
  for (;;) {
    const outcome = await spawnOnce(cluster, port, deadline);
    if (typeof outcome === 'number') return outcome;
    // The backends of a killed server hold the data until they notice its end.
    const isHeld = /pre-existing shared memory block|lock file .* already exists/.test(outcome);
    if (!isHeld || Date.now() > deadline) throw explainFailure(cluster, port, outcome);
    await sleep(4 * POLL_MS);
  }
}

/** @returns the process id of a server that accepts connections, or the log lines of one that has ended */
async function spawnOnce(cluster: Cluster, port: number, deadline: number): Promise<number | string> {
  const log = await openLog(cluster);
  try {
    const { size } = await log.stat();
    // `detached` starts a session of its own: Ctrl-C must not reach the server before the service has drained.
    const server = spawn(cluster.programs.postgres, serverArguments(cluster, port), {
      ...cluster.runAs,
      ...programContext(),
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      windowsHide: true,
    });
    server.unref();
    const ended = new Promise<string>((resolve) => {
      server.once('error', ({ message }) => resolve(message));
      server.once('exit', (code, signal) => resolve(`ended with ${signal ?? `exit code ${code ?? '?'}`}`));
    });
    for (;;) {
      const postmaster = await readPostmaster(cluster);
      if (postmaster?.isReady === true && postmaster.pid === server.pid) return postmaster.pid;
      if (Date.now() > deadline) {
        throw new EmbeddedPostgresError(
          'timeout',
          `The embedded PostgreSQL does not accept connections on ${HOST}:${port} in time. ` +
            `It may be recovering a large database; its log is ${cluster.logFile}.`,
        );
      }
      const reason = await Promise.race([ended, sleep(POLL_MS)]);
      if (reason === undefined) continue;
      const output = (await readFile(cluster.logFile)).subarray(size).toString('utf8').trim();
      return output === '' ? reason : output;
    }
  } finally {
    await log.close();
  }
}

async function openLog({ logFile, runAs }: Cluster): Promise<FileHandle> {
  const found = await stat(logFile).catch(() => undefined);
  if (found !== undefined && found.size > MAX_LOG_BYTES) await truncate(logFile);
  const log = await open(logFile, 'a', 0o600);
  await giveToOsUser(logFile, runAs);
  return log;
}

function serverArguments(cluster: Cluster, port: number): string[] {
  const settings = {
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...cluster.settings,
    // Last, so that no setting opens the server to other machines.
    listen_addresses: HOST,
    port: String(port),
    unix_socket_directories: '',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', cluster.directory, ...flags];
}

function explainFailure(cluster: Cluster, port: number, output: string): EmbeddedPostgresError {
  if (output.includes('Address already in use')) {
    return new EmbeddedPostgresError(
      'port-in-use',
      `Port ${port} on ${HOST}, meant for the embedded PostgreSQL, is taken by another program ` +
        "(it is not this project's database). Stop that program, set EMBEDDED_POSTGRES_PORT to a free port, " +
        'or set DATABASE_URL to use a PostgreSQL server of your own.',
    );
  }
  if (output.includes('database files are incompatible')) {
    return new EmbeddedPostgresError(
      'unusable-data',
      `The data in ${cluster.directory} was made by another major version of PostgreSQL: ${output.slice(-500)}. ` +
        'Move it away to start anew, or set DATABASE_URL to a server of that version.',
    );
  }
  return new EmbeddedPostgresError(
    'start-failed',
    `The embedded PostgreSQL did not start (log: ${cluster.logFile}): ${output.slice(-2_000)}`,
  );
}
