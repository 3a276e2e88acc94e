import { resolve } from 'node:path';

import { openCluster } from './cluster.js';
import { createParentDirectory } from './data-location.js';
import { withDirectoryLock } from './directory-lock.js';
import { ProcessRegister } from './process-register.js';
import { isAlive } from './process-table.js';
import { ensureServer, stopServer } from './run-server.js';
import { watchServer } from './watch-server.js';

const DEFAULT_START_TIMEOUT_MS = 60_000;
const RELEASE_TIMEOUT_MS = 60_000;

export interface EmbeddedPostgresOptions {
  /** Place of the data between runs. Its log, lock and register of users are beside it (`.log`, `.lock`, `.users`). */
  readonly dataDirectory: string;
  /** TCP port on 127.0.0.1 for a server that has to be started; 0 takes any free one. */
  readonly port: number;
  /** Time limit for acquiring and for each restart; default 60 s. */
  readonly startTimeoutMs?: number;
  /** PostgreSQL settings for a server that has to be started, e.g. `fsync: 'off'` for tests. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Receives a line for each step that takes time and for each unexpected event, restarts included. */
  readonly onProgress?: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** URL of the database `analytics` as its owner, a superuser; remains valid after a restart of the server. */
  readonly ownerUrl: string;
  readonly port: number;
  /** True when a running server was joined. */
  readonly joined: boolean;
  /** Ends the use of the server; its last user stops it. Further calls do nothing. */
  release(): Promise<void>;
}

/**
 * Starts the PostgreSQL server of a data directory, or joins the one that runs (ADR 0006).
 * The server is restarted when it dies, and stops when its last living user releases it.
 *
 * @throws EmbeddedPostgresError with a message for the person who started the program
 */
export async function acquireEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { startTimeoutMs = DEFAULT_START_TIMEOUT_MS, settings = {}, onProgress = () => undefined } = options;
  const dataDirectory = resolve(options.dataDirectory);
  const users = new ProcessRegister(`${dataDirectory}.users`);
  const whileLocked = <T>(timeoutMs: number, action: (deadline: number) => Promise<T>): Promise<T> =>
    withDirectoryLock(`${dataDirectory}.lock`, Date.now() + timeoutMs, action);

  await createParentDirectory(dataDirectory);
  const { cluster, server, entry } = await whileLocked(startTimeoutMs, async (deadline) => {
    const cluster = await openCluster({ dataDirectory, settings, onProgress });
    // Users have a URL with their port, also while the server is down.
    const [user] = await users.list();
    const server = await ensureServer(cluster, Number(user?.label ?? options.port), deadline);
    const entry = await users.add(String(server.port)).catch(async (error: unknown) => {
      if (!server.joined) await stopServer(cluster);
      throw error;
    });
    return { cluster, server, entry };
  });
  const { ownerUrl, port, joined } = server;
  onProgress(
    joined ? `Joined the PostgreSQL that runs on port ${port}` : `Started PostgreSQL on port ${port}`,
  );

  let { pid } = server;
  const released = new AbortController();
  const restart = (): Promise<void> =>
    whileLocked(startTimeoutMs, async (deadline) => {
      if (released.signal.aborted) return;
      const restarted = await ensureServer(cluster, port, deadline);
      pid = restarted.pid;
      if (restarted.joined) return;
      onProgress(`PostgreSQL had ended unexpectedly; it runs again on port ${port}`);
    });
  const watching = watchServer({ isRunning: () => isAlive(pid), restart }, released.signal, onProgress);

  const stopUsing = async (): Promise<void> => {
    released.abort();
    await watching;
    await whileLocked(RELEASE_TIMEOUT_MS, async () => {
      await users.remove(entry);
      if ((await users.list()).length > 0) return;
      await stopServer(cluster);
      onProgress('Stopped PostgreSQL');
    });
  };
  let release: Promise<void> | undefined;
  return { ownerUrl, port, joined, release: () => (release ??= stopUsing()) };
}
