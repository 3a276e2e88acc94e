import { statfs } from 'node:fs/promises';

import { Redis } from 'ioredis';
import { Client } from 'pg';

import { createTestDatabase, prepareServer, type TestDatabase } from '../../test/support/database.js';
import { startKafka } from '../../test/support/kafka/cluster.js';
import { startPostgresServer } from '../../test/support/postgres.js';
import { startRedisServer } from '../../test/support/redis.js';
import { settings, startService, type Service, type Settings } from '../../test/support/service.js';
import { INTERNAL_KEY } from './load.js';

/** The servers of one run. They share nothing with the machine's own servers and are removed afterwards. */
export interface BenchServers {
  /** A connection as the owner of the schema. */
  readonly owner: Client;
  readonly redis: Redis;
  readonly database: TestDatabase;
  /** A database of its own for the floor, so that the service's relay takes none of its messages. */
  readonly floorDatabase: TestDatabase;
  /** A connection as the owner of the floor's schema. */
  readonly floorOwner: Client;
  /** PostgreSQL settings by name, as they are in force. */
  readonly durability: Readonly<Record<string, string>>;
  /** The environment of processes that run the service's code. */
  readonly env: Settings;
  /** Starts the built service in production mode, by default as one process. */
  startService(settings?: Settings): Promise<Service>;
  stop(): Promise<void>;
}

/** Restores PostgreSQL's defaults, which the tests' server relaxes, so that every response is durable. */
export const DURABLE = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_connections: '100',
};
const MUST_BE_ON = ['fsync', 'synchronous_commit', 'full_page_writes'];
/** The type of an in-memory file system in statfs(2). */
const TMPFS = 0x01021994;

/** @param profileDirectory where the service leaves a CPU profile when it stops */
export async function startServers(profileDirectory?: string): Promise<BenchServers> {
  // A remote cluster with other load would distort this machine's figures.
  delete process.env['KAFKA_BROKERS'];
  const postgres = await startPostgresServer({ settings: DURABLE });
  const redisServer = await startRedisServer();
  const kafka = await startKafka();
  const redis = new Redis({ host: redisServer.host, port: redisServer.port });
  await prepareServer(postgres.ownerUrl);
  const database = await createTestDatabase(postgres.ownerUrl);
  const floorDatabase = await createTestDatabase(postgres.ownerUrl);
  const owner = await connect(database.ownerUrl);
  const floorOwner = await connect(floorDatabase.ownerUrl);
  const durability = await readDurability(owner);
  const env = {
    ...settings({ databaseUrl: database.serviceUrl, redis: redisServer }),
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    INTERNAL_API_KEY: INTERNAL_KEY,
    KAFKA_BROKERS: kafka.brokers,
    // One generator is one client, which the rate limits would stop.
    RATE_LIMIT_PER_ADDRESS: '0',
    RATE_LIMIT_PER_INSTALL: '0',
    LIVE_MAX_WATCHERS_PER_ADDRESS: '0',
  };
  return {
    owner,
    redis,
    database,
    floorDatabase,
    floorOwner,
    durability,
    env,
    startService: (settings = {}) =>
      startService({
        env: { ...env, ...settings },
        ...(profileDirectory !== undefined && {
          nodeArguments: ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`],
        }),
      }),
    stop: async () => {
      redis.disconnect();
      await Promise.all([owner.end(), floorOwner.end()]);
      await kafka.stop();
      await redisServer.stop();
      await postgres.stop();
    },
  };
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}

/** @throws Error when PostgreSQL could lose an acknowledged commit */
async function readDurability(owner: Client): Promise<Record<string, string>> {
  const show = async (name: string): Promise<string> => {
    const { rows } = await owner.query<{ value: string }>('SELECT current_setting($1) AS value', [name]);
    return rows[0]?.value ?? '';
  };
  const durability: Record<string, string> = {};
  for (const name of [...MUST_BE_ON, 'wal_sync_method']) durability[name] = await show(name);
  const off = MUST_BE_ON.filter((name) => durability[name] !== 'on');
  if (off.length > 0) throw new Error(`PostgreSQL is not durable: ${off.join(', ')} must be on.`);
  const directory = await show('data_directory');
  if ((await statfs(directory)).type === TMPFS) {
    throw new Error(
      `PostgreSQL's directory must be on a disk, and ${directory} is in memory (tmpfs). Set TMPDIR to a directory on a disk.`,
    );
  }
  return durability;
}
