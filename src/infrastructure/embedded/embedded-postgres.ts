import { randomBytes } from 'node:crypto';
import { access, constants, mkdir, readdir, readFile, rmdir, unlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { withDirectoryLock } from './directory-lock.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { PostgresCluster, type RunningServer } from './postgres-cluster.js';
import { makePassableDirectory } from './postgres-programs.js';
import { hasCode, processStartMark } from './processes.js';

export { EmbeddedPostgresError, type EmbeddedPostgresErrorCode } from './embedded-postgres-error.js';

const DEFAULT_START_TIMEOUT_MS = 60_000;
const RELEASE_TIMEOUT_MS = 60_000;
const WATCH_INTERVAL_MS = 1_000;
/** Restarts in a row, without a healthy minute in between, after which the watch gives up. */
const MAX_RESTARTS = 10;
const MAX_RESTART_DELAY_MS = 30_000;
const HEALTHY_AFTER_MS = 60_000;

export interface EmbeddedPostgresOptions {
  /** Where the data is kept between runs. Beside it: a log (`.log`), a lock and the register of its users. */
  readonly dataDirectory: string;
  /** TCP port on 127.0.0.1 if a server has to be started; one that runs is joined on its own. 0: any free port. */
  readonly port: number;
  /** bound for the whole of acquiring and for each restart; default 60 s, never less for what others have begun */
  readonly startTimeoutMs?: number;
  /** Further PostgreSQL settings, e.g. `fsync: 'off'` for tests. They count only for the process that starts it. */
  readonly settings?: Readonly<Record<string, string>>;
  /** One line for each step that takes time and for each unexpected event, also later from the watch. */
  readonly onProgress?: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** URL of the database `analytics` as its owner, a superuser; valid as long as this is held, restarts included */
  readonly ownerUrl: string;
  readonly port: number;
  /** true when a server that already ran was joined */
  readonly joined: boolean;
  /** Gives it back; the last one to do so stops the server and waits for it. Further calls do nothing. */
  release(): Promise<void>;
}

/**
 * Brings up the PostgreSQL server on a data directory, or joins the one that another process has brought up. It runs
 * until the last of its users has released it; a user that died without doing so no longer counts. While held, a
 * server that dies is started again on the same port.
 *
 * A process killed while it was the only user leaves the server running: the next to acquire joins that one.
 *
 * @throws EmbeddedPostgresError with a message for the person who started the program
 */
export async function acquireEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDirectory = resolve(options.dataDirectory);
  const startTimeoutMs = options.startTimeoutMs ?? DEFAULT_START_TIMEOUT_MS;
  const onProgress = options.onProgress ?? (() => undefined);
  const deadline = Date.now() + startTimeoutMs;
  const lockPath = `${dataDirectory}.lock`;
  const users = new UserRegister(`${dataDirectory}.users`);
  await makeWritableParent(dataDirectory);
  return withDirectoryLock(lockPath, deadline, async () => {
    const cluster = await PostgresCluster.open({
      dataDirectory,
      settings: options.settings ?? {},
      onProgress,
    });
    // Others may hold it while it is down for a moment: they were given a URL with their port.
    const [heldPort] = await users.sweep();
    const server = await cluster.ensureRunning(heldPort ?? options.port, deadline);
    try {
      const ownerUrl = await cluster.ownerUrl(server.port);
      const entry = await users.add(server.port);
      onProgress(
        server.joined
          ? `Joined the PostgreSQL that runs on port ${server.port}`
          : `Started PostgreSQL on port ${server.port}`,
      );
      return new Handle(cluster, server, ownerUrl, lockPath, users, entry, startTimeoutMs, onProgress);
    } catch (error) {
      if ((await users.sweep()).length === 0) await cluster.stop();
      throw error;
    }
  });
}

async function makeWritableParent(dataDirectory: string): Promise<void> {
  const parent = dirname(dataDirectory);
  try {
    await makePassableDirectory(parent);
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

class Handle implements EmbeddedPostgres {
  readonly port: number;
  readonly joined: boolean;
  private released: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private watching: Promise<void> = Promise.resolve();
  private restarts = 0;
  private restartedAt = 0;

  constructor(
    private readonly cluster: PostgresCluster,
    private server: RunningServer,
    readonly ownerUrl: string,
    private readonly lockPath: string,
    private readonly users: UserRegister,
    private readonly entry: string,
    private readonly startTimeoutMs: number,
    private readonly onProgress: (line: string) => void,
  ) {
    this.port = server.port;
    this.joined = server.joined;
    this.watchAfter(WATCH_INTERVAL_MS);
  }

  release(): Promise<void> {
    this.released ??= this.stopUsing();
    return this.released;
  }

  private async stopUsing(): Promise<void> {
    clearTimeout(this.timer);
    await this.watching;
    await withDirectoryLock(this.lockPath, Date.now() + RELEASE_TIMEOUT_MS, async () => {
      await this.users.remove(this.entry);
      if ((await this.users.sweep()).length > 0) return;
      await this.cluster.stop();
      this.onProgress('Stopped PostgreSQL');
    });
  }

  private watchAfter(milliseconds: number): void {
    this.timer = setTimeout(() => {
      this.watching = this.watch();
    }, milliseconds);
    this.timer.unref();
  }

  private async watch(): Promise<void> {
    const delay = await this.check().catch((error: unknown) => {
      this.onProgress(
        `PostgreSQL could not be restarted: ${error instanceof Error ? error.message : String(error)}`,
      );
      return Math.min(WATCH_INTERVAL_MS * 2 ** this.restarts, MAX_RESTART_DELAY_MS);
    });
    if (this.released === undefined && delay !== undefined) this.watchAfter(delay);
  }

  /** @returns milliseconds to the next check, undefined when there is none to be */
  private async check(): Promise<number | undefined> {
    if (await this.cluster.isServing(this.server)) {
      if (Date.now() - this.restartedAt > HEALTHY_AFTER_MS) this.restarts = 0;
      return WATCH_INTERVAL_MS;
    }
    if (this.restarts >= MAX_RESTARTS) {
      this.onProgress(
        `PostgreSQL keeps ending and is not started again after ${MAX_RESTARTS} attempts; see its log`,
      );
      return undefined;
    }
    this.restarts += 1;
    this.restartedAt = Date.now();
    const deadline = Date.now() + this.startTimeoutMs;
    this.server = await withDirectoryLock(this.lockPath, deadline, async () => {
      if (this.released !== undefined) return this.server;
      const server = await this.cluster.ensureRunning(this.port, deadline);
      if (!server.joined)
        this.onProgress(`PostgreSQL had ended unexpectedly; it runs again on port ${server.port}`);
      return server;
    });
    return WATCH_INTERVAL_MS;
  }
}

/**
 * Who uses the server: one file for each, named by process id, holding the mark of when that process started and the
 * port it was given.
 */
class UserRegister {
  constructor(private readonly directory: string) {}

  /** @returns the name of the new entry */
  async add(port: number): Promise<string> {
    const entry = `${process.pid}-${randomBytes(6).toString('hex')}`;
    await mkdir(this.directory, { recursive: true });
    await writeFile(join(this.directory, entry), `${(await processStartMark(process.pid)) ?? ''}\n${port}`);
    return entry;
  }

  async remove(entry: string): Promise<void> {
    await unlink(join(this.directory, entry)).catch((error: unknown) => {
      if (!hasCode(error, 'ENOENT')) throw error;
    });
  }

  /** Forgets the dead ones. Returns the ports that the living ones were given, one for each of them. */
  async sweep(): Promise<readonly number[]> {
    const ports: number[] = [];
    for (const entry of await readdir(this.directory).catch(() => [])) {
      const pid = Number(entry.split('-', 1)[0]);
      const recorded = await readFile(join(this.directory, entry), 'utf8').catch(() => '');
      const [mark, port] = recorded.split('\n');
      if (pid > 0 && mark !== '' && mark === (await processStartMark(pid))) ports.push(Number(port));
      else await this.remove(entry);
    }
    if (ports.length === 0) await rmdir(this.directory).catch(() => undefined);
    return ports;
  }
}
