import { Redis } from 'ioredis';

import { freePort, startGuarded, temporaryDirectory, waitFor, type GuardedProcess } from './processes.js';
import { testServices } from './services.js';

const INSTALL_HINT =
  'Install it (Debian/Ubuntu: apt-get install redis-server; macOS: brew install redis; or ' +
  '"node tools/install-test-services.mjs"), or set TEST_REDIS_URL to a server whose data may be deleted.';
const DATABASES = 1_024;
const DATABASES_PER_WORKER = 16;

export interface RedisServer {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  readonly url: string;
  /** Freezes the server: connections stay open and commands stay unanswered. */
  pause(): void;
  resume(): void;
  /** Kills the server as a crash would. */
  kill(): Promise<void>;
  /** Ends the server in an orderly way; its port remains for a successor. */
  shutDown(): Promise<void>;
  /** Ends the server and removes its files. */
  stop(): Promise<void>;
}

export interface RedisServerOptions {
  /** default: a free port */
  readonly port?: number;
  /** makes a cluster of this one node, which serves all slots and has database 0 only */
  readonly cluster?: boolean;
  /** false leaves the slots of a cluster node to the caller */
  readonly slots?: boolean;
  /** further arguments, e.g. `['--maxmemory', '1mb']` */
  readonly args?: readonly string[];
}

const PORT_ATTEMPTS = 3;

/**
 * Starts a private server without persistence, for suites that stop, freeze or kill it. Tries another port when
 * another process has taken the port meanwhile, or the one of the cluster bus, which is 10,000 above it.
 */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnPort(options.port ?? (await freePort()), options);
    } catch (error) {
      if (options.port !== undefined || attempt >= PORT_ATTEMPTS) throw error;
    }
  }
}

async function startOnPort(port: number, options: RedisServerOptions): Promise<RedisServer> {
  const cluster = options.cluster ?? false;
  const directory = temporaryDirectory('redis');
  const server = await startGuarded({
    command: 'redis-server',
    args: [
      ...['--bind', '127.0.0.1', '--port', String(port), '--dir', directory],
      ...['--save', '', '--appendonly', 'no', '--databases', String(DATABASES)],
      ...(cluster ? ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] : []),
      ...(options.args ?? []),
    ],
    directory,
    installHint: INSTALL_HINT,
  });
  try {
    await waitUntilServing(server, port, cluster && options.slots !== false);
  } catch (error) {
    const output = server.output();
    await server.stop();
    throw new Error(`redis-server does not serve on port ${port}; it wrote:\n${output}`, { cause: error });
  }
  return {
    host: '127.0.0.1',
    port,
    pid: server.pid,
    url: `redis://127.0.0.1:${port}`,
    pause: () => server.signal('SIGSTOP'),
    resume: () => server.signal('SIGCONT'),
    kill: () => server.kill(),
    shutDown: async () => {
      server.signal('SIGTERM');
      await server.end();
    },
    stop: () => server.stop(),
  };
}

async function waitUntilServing(server: GuardedProcess, port: number, cluster: boolean): Promise<void> {
  const client = new Redis({ host: '127.0.0.1', port, lazyConnect: true, retryStrategy: () => 25 });
  client.on('error', () => undefined);
  try {
    await waitFor(
      async () => {
        await Promise.race([client.ping(), server.exited.then(() => Promise.reject(new Error('it ended')))]);
        return true;
      },
      10_000,
      { what: 'redis-server answers PING' },
    );
    if (!cluster) return;
    await client.call('CLUSTER', 'ADDSLOTS', ...Array.from({ length: 16_384 }, (_, slot) => String(slot)));
    await waitFor(
      async () => String(await client.call('CLUSTER', 'INFO')).includes('cluster_state:ok'),
      10_000,
      {
        what: 'the Redis Cluster is ok',
      },
    );
  } finally {
    client.disconnect();
  }
}

export interface TestRedis {
  readonly host: string;
  readonly port: number;
  /** number of the logical database */
  readonly db: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly url: string;
  /** a client that reads what was stored; `close` closes it */
  readonly client: Redis;
  flush(): Promise<void>;
  close(): Promise<void>;
}

let created = 0;

/**
 * Reserves an empty logical database of the shared server for this test file.
 * Later files of the same worker get the same database, so a file closes its clients.
 */
export async function createTestRedis(): Promise<TestRedis> {
  const server = new URL(testServices().redisUrl);
  const worker = Number(process.env['JEST_WORKER_ID'] ?? '1');
  const db = (worker - 1) * DATABASES_PER_WORKER + (created++ % DATABASES_PER_WORKER);
  const connection = {
    host: server.hostname,
    port: Number(server.port || '6379'),
    username: decodeURIComponent(server.username) || undefined,
    password: decodeURIComponent(server.password) || undefined,
  };
  const client = new Redis(connection);
  try {
    await client.select(db).catch((cause: unknown) => {
      throw new Error(
        `The Redis of TEST_REDIS_URL has no database ${db}: start it with --databases ${DATABASES}, or run Jest with -w 1.`,
        { cause },
      );
    });
    await client.flushdb();
  } catch (error) {
    client.disconnect();
    throw error;
  }
  const url = new URL(server);
  url.pathname = `/${db}`;
  return {
    ...connection,
    db,
    url: url.href,
    client,
    flush: async () => {
      await client.flushdb();
    },
    close: async () => {
      await client.flushdb();
      client.disconnect();
    },
  };
}
