import { setTimeout as sleep } from 'node:timers/promises';

import { HOST, readOwnerUrl, readPostmaster, type Cluster } from './cluster.js';
import { ensureDatabase } from './database-setup.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { findFreePort } from './free-port.js';
import { ensureInitialised } from './initialise-cluster.js';
import { isAlive, signalProcess } from './process-table.js';
import { spawnServer } from './spawn-server.js';

const POLL_MS = 50;
const STOP_TIMEOUT_MS = 30_000;

export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  /** URL of the database as its owner, a superuser. */
  readonly ownerUrl: string;
  /** True when the server ran before. */
  readonly joined: boolean;
}

/**
 * Joins the server of a cluster, or starts one. Callers hold the directory's lock.
 *
 * @param port TCP port on 127.0.0.1 for a server that has to be started; 0 takes any free one
 * @param deadline milliseconds since epoch
 */
export async function ensureServer(cluster: Cluster, port: number, deadline: number): Promise<RunningServer> {
  return (await joinServer(cluster, deadline)) ?? (await startServer(cluster, port, deadline));
}

/** Ends all connections and stops the server, if one runs. Callers hold the directory's lock. */
export async function stopServer(cluster: Cluster): Promise<void> {
  const postmaster = await readPostmaster(cluster);
  if (postmaster === undefined) return;
  const { pid } = postmaster;
  // SIGINT requests a fast shutdown, SIGQUIT one without a checkpoint.
  if (await endProcess(pid, 'SIGINT')) return;
  cluster.onProgress('PostgreSQL did not stop in time; stopping it at once');
  if (await endProcess(pid, 'SIGQUIT')) return;
  throw new EmbeddedPostgresError(
    'timeout',
    `The embedded PostgreSQL (process ${pid}) did not stop; its log is ${cluster.logFile}.`,
  );
}

async function joinServer(cluster: Cluster, deadline: number): Promise<RunningServer | undefined> {
  for (;;) {
    const postmaster = await readPostmaster(cluster);
    if (postmaster === undefined) return undefined;
    const { pid, port, isReady } = postmaster;
    const ownerUrl = await readOwnerUrl(cluster, port);
    let cause: unknown;
    try {
      if (isReady) {
        await ensureDatabase(ownerUrl);
        return { pid, port, ownerUrl, joined: true };
      }
    } catch (error) {
      // The server may be stopping, which the next round detects.
      cause = error;
    }
    if (Date.now() > deadline) {
      throw new EmbeddedPostgresError(
        'timeout',
        `The embedded PostgreSQL (process ${pid}) runs and does not accept connections. ` +
          `End that process and try again; its log is ${cluster.logFile}.`,
        { cause },
      );
    }
    await sleep(POLL_MS);
  }
}

async function startServer(cluster: Cluster, wantedPort: number, deadline: number): Promise<RunningServer> {
  await ensureInitialised(cluster);
  const port = wantedPort === 0 ? await findFreePort(HOST) : wantedPort;
  const ownerUrl = await readOwnerUrl(cluster, port);
  try {
    const pid = await spawnServer(cluster, port, deadline);
    await ensureDatabase(ownerUrl);
    return { pid, port, ownerUrl, joined: false };
  } catch (error) {
    await stopServer(cluster);
    throw error;
  }
}

/** Sends a signal and returns whether the process has ended in time. */
async function endProcess(pid: number, signal: NodeJS.Signals): Promise<boolean> {
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  signalProcess(pid, signal);
  while (await isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}
