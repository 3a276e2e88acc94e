import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chown,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';

import { Client } from 'pg';

import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import {
  canReach,
  chooseOsUser,
  findPostgresPrograms,
  makePassableDirectory,
  SYSTEM_STATE_DIRECTORY,
  unreachable,
  type PostgresPrograms,
} from './postgres-programs.js';
import {
  commandLine,
  hasCode,
  isAlive,
  runProgram,
  serverProcessContext,
  sleep,
  type RunAs,
} from './processes.js';

const HOST = '127.0.0.1';
const OWNER = 'postgres';
const DATABASE = 'analytics';
const POLL_MS = 50;
const PROBE_TIMEOUT_MS = 3_000;
const INIT_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_S = 30;
const EXIT_TIMEOUT_MS = 5_000;
const MAX_LOG_BYTES = 10 * 1024 * 1024;
const PASSWORD_FILE = 'owner-password';

export interface ClusterOptions {
  /** absolute */
  readonly dataDirectory: string;
  /** extra server settings, by name */
  readonly settings: Readonly<Record<string, string>>;
  readonly onProgress: (line: string) => void;
}

export interface RunningServer {
  readonly port: number;
  /** process id of the postmaster */
  readonly pid: number;
  /** true when it ran before */
  readonly joined: boolean;
}

/** What `postmaster.pid` in the data directory says; fields are missing while the server is writing it. */
interface PostmasterFile {
  readonly pid: number;
  readonly port: number | undefined;
}

type Probe = 'ours' | 'foreign' | 'not-ready';

/**
 * One PostgreSQL data directory and the server on it. Not safe against others on its own: callers hold the directory's
 * lock while they call anything but `isServing`.
 */
export class PostgresCluster {
  private constructor(
    /** where the data really is; the configured path unless it had to be moved within the OS user's reach */
    private readonly directory: string,
    private readonly logFile: string,
    private readonly runAs: RunAs,
    private readonly programs: PostgresPrograms,
    private readonly options: ClusterOptions,
  ) {}

  /** @throws EmbeddedPostgresError when the programs, the OS user or the place for the data cannot be had */
  static async open(options: ClusterOptions): Promise<PostgresCluster> {
    const runAs = await chooseOsUser(options.dataDirectory);
    const programs = await findPostgresPrograms(runAs);
    const directory = await placeData(options, runAs);
    return new PostgresCluster(directory, `${options.dataDirectory}.log`, runAs, programs, options);
  }

  /**
   * Joins the server on this directory, or starts one, initialising the directory first when it is new.
   *
   * @param port TCP port on 127.0.0.1 for a server that has to be started; 0 takes any free one
   * @param deadline milliseconds since epoch
   */
  async ensureRunning(port: number, deadline: number): Promise<RunningServer> {
    const running = await this.join(deadline);
    if (running !== undefined) return running;
    await this.ensureInitialised();
    const chosen = port === 0 ? await anyFreePort() : port;
    await assertPortFree(chosen);
    const pid = await this.start(chosen, deadline);
    await this.ensureDatabase(chosen);
    return { port: chosen, pid, joined: false };
  }

  /** Whether that server process is there. Cheap; says nothing about whether it answers. */
  isServing(server: RunningServer): Promise<boolean> {
    return isAlive(server.pid);
  }

  async ownerUrl(port: number): Promise<string> {
    return `postgresql://${OWNER}:${await this.password()}@${HOST}:${port}/${DATABASE}`;
  }

  /** Ends all connections and stops the server, if one runs. */
  async stop(): Promise<void> {
    const postmaster = await this.livePostmaster();
    if (postmaster === undefined) return;
    const fast = await this.pgCtlStop('fast');
    if (fast !== undefined) {
      this.options.onProgress(`PostgreSQL did not stop in time (${fast}); stopping it at once`);
      const immediate = await this.pgCtlStop('immediate');
      if (immediate !== undefined) {
        throw new EmbeddedPostgresError('timeout', `The embedded PostgreSQL did not stop: ${immediate}`);
      }
    }
    // pg_ctl looks at the pid file, which goes a moment before the process.
    for (let waited = 0; waited < EXIT_TIMEOUT_MS && (await isAlive(postmaster.pid)); waited += POLL_MS) {
      await sleep(POLL_MS);
    }
  }

  private async pgCtlStop(mode: 'fast' | 'immediate'): Promise<string | undefined> {
    const result = await runProgram(
      this.programs.pgCtl,
      ['stop', '-D', this.directory, '-m', mode, '-w', '-t', String(STOP_TIMEOUT_S)],
      { timeoutMs: (STOP_TIMEOUT_S + 5) * 1_000, runAs: this.runAs },
    );
    if (result.exitCode === 0 || (await this.livePostmaster()) === undefined) return undefined;
    return result.stderr.trim() || (result.failure ?? `exit code ${result.exitCode}`);
  }

  private async join(deadline: number): Promise<RunningServer | undefined> {
    for (;;) {
      const postmaster = await this.livePostmaster();
      if (postmaster === undefined) return undefined;
      if (postmaster.port !== undefined && (await this.probe(postmaster.port)) === 'ours') {
        try {
          await this.ensureDatabase(postmaster.port);
          return { port: postmaster.port, pid: postmaster.pid, joined: true };
        } catch (error) {
          // It may have ended between the two.
          if (await isAlive(postmaster.pid)) throw error;
          continue;
        }
      }
      if (Date.now() > deadline) {
        throw new EmbeddedPostgresError(
          'timeout',
          `The embedded PostgreSQL (process ${postmaster.pid}) runs and does not accept connections. ` +
            `End that process and try again; its log is ${this.logFile}.`,
        );
      }
      await sleep(POLL_MS);
    }
  }

  /** The server process of this directory. A pid file left by a dead one counts for nothing, nor does a recycled id. */
  private async livePostmaster(): Promise<PostmasterFile | undefined> {
    const path = join(this.directory, 'postmaster.pid');
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    const lines = text.split('\n').map((line) => line.trim());
    const pid = Math.abs(Number(lines[0]));
    const port = Number(lines[3] ?? '');
    if (!Number.isSafeInteger(pid) || pid === 0) return undefined;
    if (!(await isAlive(pid))) return undefined;
    if (process.platform !== 'win32' && !(await commandLine(pid)).includes(this.directory)) {
      // After a reboot the id often belongs to another process of the same user: PostgreSQL would take that one for
      // a server and refuse to start.
      if (await isAlive(pid)) await unlink(path).catch(() => undefined);
      return undefined;
    }
    return { pid, port: port > 0 ? port : undefined };
  }

  private async ensureInitialised(): Promise<void> {
    const parent = dirname(this.directory);
    const prefix = `${basename(this.directory)}.init-`;
    for (const name of await readdir(parent)) {
      if (!name.startsWith(prefix)) continue;
      // Left by a process that was killed while it initialised; its initdb may just be ending.
      await rm(join(parent, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    }
    const content = await readdir(this.directory).catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    });
    if (content !== undefined && content.length > 0) {
      await this.assertOwnData(content);
      return;
    }
    if (content !== undefined) await rmdir(this.directory);
    await this.initialise(join(parent, `${prefix}${randomBytes(6).toString('hex')}`));
  }

  private async assertOwnData(content: readonly string[]): Promise<void> {
    if (content.includes('PG_VERSION') && content.includes(PASSWORD_FILE)) return;
    throw new EmbeddedPostgresError(
      'unusable-data',
      `${this.directory} is not empty, and not a database that this program made` +
        `${content.includes('PG_VERSION') ? ` (its file "${PASSWORD_FILE}" is missing)` : ''}. ` +
        'Move it away, or name another directory.',
    );
  }

  /** Initialises into a directory of its own and moves that into place when it is complete. */
  private async initialise(temporary: string): Promise<void> {
    this.options.onProgress(`Creating a PostgreSQL database in ${this.options.dataDirectory}`);
    const passwordFile = `${temporary}.password`;
    try {
      await mkdir(temporary, { mode: 0o700 });
      await this.giveToServer(temporary);
      await writeFile(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
      await this.giveToServer(passwordFile);
      const result = await runProgram(
        this.programs.initdb,
        [
          `--pgdata=${temporary}`,
          `--username=${OWNER}`,
          `--pwfile=${passwordFile}`,
          '--auth=scram-sha-256',
          '--encoding=UTF8',
          // The built-in provider sorts by code point on every system; libc's C.UTF-8 is not on all of them.
          '--locale-provider=builtin',
          '--builtin-locale=C.UTF-8',
          '--locale=C',
          ...(this.options.settings['fsync'] === 'off' ? ['--no-sync'] : []),
        ],
        { timeoutMs: INIT_TIMEOUT_MS, runAs: this.runAs },
      );
      if (result.exitCode !== 0) {
        const said = [result.failure, result.stderr.trim() || result.stdout.trim()]
          .filter(Boolean)
          .join(': ');
        throw new EmbeddedPostgresError(
          'init-failed',
          `Creating the embedded database failed: ${said.slice(-2_000)}`,
        );
      }
      await rename(passwordFile, join(temporary, PASSWORD_FILE));
      await rename(temporary, this.directory);
      await syncDirectory(dirname(this.directory));
    } finally {
      await rm(passwordFile, { force: true });
      await rm(temporary, { recursive: true, force: true });
    }
  }

  private async start(port: number, deadline: number): Promise<number> {
    for (;;) {
      const outcome = await this.startOnce(port, deadline);
      if (typeof outcome === 'number') return outcome;
      if (/Address already in use|could not bind/.test(outcome)) throw portInUse(port);
      // Backends of a killed server end on their own once they notice; until then the data is theirs.
      const lingering = /pre-existing shared memory block|lock file .* already exists/.test(outcome);
      if (!lingering || Date.now() > deadline) throw this.startFailure(outcome);
      await sleep(200);
    }
  }

  /** @returns the server's process id once it accepts connections, else what it wrote before it ended */
  private async startOnce(port: number, deadline: number): Promise<number | string> {
    const log = await this.openLog();
    try {
      const { size } = await log.stat();
      // Directly and not through `pg_ctl start`, which runs it by a shell with the path in its command line, and
      // leaves it a child of process 1, which in a container may be one that reaps no children. In its own session:
      // a terminal's Ctrl-C goes to the whole process group and would end it before the service has drained.
      const server = spawn(this.programs.postgres, this.serverArguments(port), {
        ...this.runAs,
        ...serverProcessContext(),
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        windowsHide: true,
      });
      server.unref();
      let ended: string | undefined;
      server.once('error', (error) => (ended = error.message));
      server.once('exit', (code, signal) => (ended ??= `ended with ${signal ?? `exit code ${code ?? '?'}`}`));
      const pid = server.pid;
      while (ended === undefined && pid !== undefined) {
        if ((await this.probe(port)) === 'ours') return pid;
        if (Date.now() > deadline) {
          await this.pgCtlStop('immediate');
          throw new EmbeddedPostgresError(
            'timeout',
            `The embedded PostgreSQL does not accept connections on ${HOST}:${port} in time. ` +
              `It may be recovering a large database; its log is ${this.logFile}.`,
          );
        }
        await sleep(POLL_MS);
      }
      await sleep(0);
      const said = (await readFile(this.logFile)).subarray(size).toString('utf8').trim();
      return said === '' ? (ended ?? 'it could not be started') : said;
    } finally {
      await log.close();
    }
  }

  private serverArguments(port: number): string[] {
    const settings: Record<string, string> = {
      timezone: 'UTC',
      log_timezone: 'UTC',
      ...this.options.settings,
      // Not to be changed: nobody but this machine's users, and they only with the password.
      listen_addresses: HOST,
      port: String(port),
      unix_socket_directories: '',
    };
    return [
      '-D',
      this.directory,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ];
  }

  private startFailure(said: string): EmbeddedPostgresError {
    if (said.includes('database files are incompatible')) {
      return new EmbeddedPostgresError(
        'unusable-data',
        `The data in ${this.directory} was made by another major version of PostgreSQL: ${said.slice(-500)}. ` +
          'Move it away to start anew, or set DATABASE_URL to a server of that version.',
      );
    }
    return new EmbeddedPostgresError(
      'start-failed',
      `The embedded PostgreSQL did not start (log: ${this.logFile}): ${said.slice(-2_000)}`,
    );
  }

  private async openLog(): Promise<Awaited<ReturnType<typeof open>>> {
    const size = await stat(this.logFile).then(
      (found) => found.size,
      () => 0,
    );
    if (size > MAX_LOG_BYTES) await truncate(this.logFile);
    const log = await open(this.logFile, 'a', 0o600);
    await this.giveToServer(this.logFile);
    return log;
  }

  private async probe(port: number): Promise<Probe> {
    const client = new Client({
      host: HOST,
      port,
      user: OWNER,
      password: await this.password(),
      database: 'postgres',
      connectionTimeoutMillis: PROBE_TIMEOUT_MS,
      query_timeout: PROBE_TIMEOUT_MS,
    });
    // A connection that breaks after the answer is of no interest here, and an unheard 'error' event would be fatal.
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
      const found = await realpath(rows[0]?.data_directory ?? '').catch(() => '');
      return found === this.directory ? 'ours' : 'foreign';
    } catch (error) {
      return hasCode(error, '28P01', '28000') ? 'foreign' : 'not-ready';
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private async ensureDatabase(port: number): Promise<void> {
    const client = new Client({
      connectionString: (await this.ownerUrl(port)).replace(/\/[^/]*$/, '/postgres'),
      connectionTimeoutMillis: PROBE_TIMEOUT_MS,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
      if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private async password(): Promise<string> {
    try {
      return (await readFile(join(this.directory, PASSWORD_FILE), 'utf8')).trim();
    } catch (cause) {
      throw new EmbeddedPostgresError(
        'unusable-data',
        `The password of the database in ${this.directory} (its file "${PASSWORD_FILE}") cannot be read. ` +
          'Put it back, run this as the user who made it, or move the directory away to start anew.',
        { cause },
      );
    }
  }

  private async giveToServer(path: string): Promise<void> {
    if (this.runAs.uid !== undefined && this.runAs.gid !== undefined) {
      await chown(path, this.runAs.uid, this.runAs.gid);
    }
  }
}

/**
 * Decides where the data is to be. Root, whose OS user for PostgreSQL cannot reach the configured place (a checkout
 * below /root), gets a directory below /var/lib and a symbolic link to it in the configured place, so that removing
 * the link starts anew and moving the checkout keeps the data.
 */
async function placeData({ dataDirectory, onProgress }: ClusterOptions, runAs: RunAs): Promise<string> {
  const parent = dirname(dataDirectory);
  const existing = await lstat(dataDirectory).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (existing?.isSymbolicLink() === true) {
    const target = resolve(parent, await readlink(dataDirectory));
    await makePassableDirectory(dirname(target));
    if (!(await canReach(dirname(target), runAs))) throw unreachable(dirname(target), runAs);
    return join(await realpath(dirname(target)), basename(target));
  }
  if (existing !== undefined && runAs.uid === undefined && existing.uid !== process.getuid?.()) {
    throw new EmbeddedPostgresError(
      'unusable-data',
      `${dataDirectory} belongs to another user (uid ${existing.uid}): the service ran as root or as somebody else ` +
        'before. Run it as that user again, or move the directory away to start anew.',
    );
  }
  const canonical = join(await realpath(parent), basename(dataDirectory));
  if (await canReach(parent, runAs)) return canonical;
  if (existing !== undefined && (await readdir(dataDirectory)).length > 0)
    throw unreachable(dataDirectory, runAs);
  const home = join(SYSTEM_STATE_DIRECTORY, randomBytes(8).toString('hex'));
  try {
    await makePassableDirectory(home);
    if (existing !== undefined) await rmdir(dataDirectory);
    await symlink(join(home, 'postgres'), dataDirectory);
  } catch (cause) {
    throw unreachable(dataDirectory, runAs, cause);
  }
  if (!(await canReach(home, runAs))) throw unreachable(home, runAs);
  onProgress(
    `The OS user for PostgreSQL cannot reach ${parent}: the data is kept in ${home}, linked from there`,
  );
  return join(await realpath(home), 'postgres');
}

async function assertPortFree(port: number): Promise<void> {
  await new Promise<void>((done, fail) => {
    const server = createServer();
    server.once('error', (error) => {
      if (hasCode(error, 'EADDRINUSE')) return fail(portInUse(port));
      fail(
        new EmbeddedPostgresError(
          'start-failed',
          `The embedded PostgreSQL cannot listen on ${HOST}:${port} (${error.message}). ` +
            'Set EMBEDDED_POSTGRES_PORT to another port, or DATABASE_URL to a PostgreSQL server.',
          { cause: error },
        ),
      );
    });
    server.listen({ host: HOST, port, exclusive: true }, () => server.close(() => done()));
  });
}

async function anyFreePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, HOST, () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function portInUse(port: number): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'port-in-use',
    `Port ${port} on ${HOST}, meant for the embedded PostgreSQL, is taken by another program ` +
      "(it is not this project's database). Stop that program, set EMBEDDED_POSTGRES_PORT to a free port, " +
      'or set DATABASE_URL to use a PostgreSQL server of your own.',
  );
}

/** Makes a rename in the directory survive a power cut. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
