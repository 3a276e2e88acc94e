import { Client } from 'pg';

import {
  initialize,
  makeDataDirectory,
  OWNER_PASSWORD,
  type DataDirectory,
} from './postgres/data-directory.js';
import { freePort, startGuarded, waitFor, type GuardedProcess } from './processes.js';

export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  /** process id of the postmaster; another one after `restart` */
  readonly pid: number;
  /** superuser's URL of its database `postgres` */
  readonly ownerUrl: string;
  readonly files: DataDirectory;
  /** Freezes the postmaster: nobody new gets in; existing connections go on. */
  pause(): void;
  resume(): void;
  /** Ends it as a crash would; data and port remain for `restart`. */
  kill(): Promise<void>;
  /** Ends it in an orderly way (open connections are cut); data and port remain for `restart`. */
  shutDown(): Promise<void>;
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

export interface PostgresServerOptions {
  /** default: a free one */
  readonly port?: number;
  readonly settings?: Readonly<Record<string, string>>;
  /** files to start from, such as a base backup, which the server owns from then on; default: new, empty ones */
  readonly from?: DataDirectory;
}

/** A private server in a temporary directory, with `fsync` off, for suites that stop, freeze or kill it. */
export async function startPostgresServer(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const files = options.from ?? (await makeDataDirectory());
  if (options.from === undefined) await initialize(files);
  const { directory, data, runAs, programs } = files;
  const port = options.port ?? (await freePort());
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
    timezone: 'UTC',
    max_connections: '200',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    ...options.settings,
  };
  const ownerUrl = `postgresql://postgres:${OWNER_PASSWORD}@127.0.0.1:${port}/postgres`;
  const start = async (): Promise<GuardedProcess> => {
    const server = await startGuarded({
      command: programs.postgres,
      args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      directory,
      stopSignal: 'SIGINT',
      ...runAs,
    });
    try {
      await waitUntilServing(server, ownerUrl);
    } catch (error) {
      const output = server.output();
      await server.stop();
      throw new Error(`PostgreSQL does not serve on port ${port}; it wrote:\n${output}`, { cause: error });
    }
    return server;
  };
  let server = await start();
  return {
    host: '127.0.0.1',
    port,
    get pid() {
      return server.pid;
    },
    ownerUrl,
    files,
    pause: () => server.signal('SIGSTOP'),
    resume: () => server.signal('SIGCONT'),
    kill: () => server.kill(),
    shutDown: async () => {
      server.signal('SIGINT');
      await server.end();
    },
    restart: async () => {
      await server.stop({ keepDirectory: true });
      server = await start();
    },
    stop: () => server.stop(),
  };
}

async function waitUntilServing(server: GuardedProcess, url: string): Promise<void> {
  let ended = false;
  void server.exited.then(() => (ended = true));
  await waitFor(
    async () => {
      if (ended) return true;
      const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
      client.on('error', () => undefined);
      try {
        await client.connect();
        return true;
      } finally {
        await client.end().catch(() => undefined);
      }
    },
    20_000,
    { what: 'PostgreSQL accepts connections' },
  );
  if (ended) throw new Error('it ended');
}
