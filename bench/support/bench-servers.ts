import { statfs } from 'node:fs/promises';

import { Redis } from 'ioredis';
import { Client } from 'pg';

import { createTestDatabase, prepareServer, type TestDatabase } from '../../test/support/database.js';
import { startKafka } from '../../test/support/kafka/cluster.js';
import { startPostgresServer } from '../../test/support/postgres.js';
import { startRedisServer } from '../../test/support/redis.js';
import { settings, startService, type Service, type Settings } from '../../test/support/service.js';

/** Everything a run needs, of its own: nothing on the machine is touched, and all of it is gone afterwards. */
export interface BenchServers {
  /** The owner of the schema. */
  readonly owner: Client;
  readonly redis: Redis;
  readonly database: TestDatabase;
  /** PostgreSQL's settings of that name, as they are in force. */
  readonly durability: Readonly<Record<string, string>>;
  /** For whatever runs the service's code. */
  readonly env: Settings;
  /** The built service, as one process in production mode. */
  startService(): Promise<Service>;
  stop(): Promise<void>;
}

/** PostgreSQL as it is installed, so every answer is durable: only what the tests' server leaves out is put back. */
export const DURABLE = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_connections: '100',
};
const MUST_BE_ON = ['fsync', 'synchronous_commit', 'full_page_writes'];
/** statfs(2) calls a file system in memory so. */
const TMPFS = 0x01021994;

/** @param profileDirectory where the service leaves a CPU profile when it stops */
export async function startServers(profileDirectory?: string): Promise<BenchServers> {
  // A cluster elsewhere, with others' load on it, is no part of this machine's figures.
  delete process.env['KAFKA_BROKERS'];
  const postgres = await startPostgresServer({ settings: DURABLE });
  const redisServer = await startRedisServer();
  const kafka = await startKafka();
  const redis = new Redis({ host: redisServer.host, port: redisServer.port });
  await prepareServer(postgres.ownerUrl);
  const database = await createTestDatabase(postgres.ownerUrl);
  const owner = new Client({ connectionString: database.ownerUrl });
  await owner.connect();
  const durability = await durabilityOf(owner);
  const env = {
    ...settings({ databaseUrl: database.serviceUrl, redis: redisServer }),
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    KAFKA_BROKERS: kafka.brokers,
    // One generator is one client: what is measured is the work, not that it may not be done.
    RATE_LIMIT_PER_ADDRESS: '0',
    RATE_LIMIT_PER_INSTALL: '0',
  };
  return {
    owner,
    redis,
    database,
    durability,
    env,
    startService: () =>
      startService({
        env,
        ...(profileDirectory !== undefined && {
          nodeArguments: ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`],
        }),
      }),
    stop: async () => {
      redis.disconnect();
      await owner.end();
      await kafka.stop();
      await redisServer.stop();
      await postgres.stop();
    },
  };
}

/** @throws when an answered commit could be lost: figures of that are figures of something else */
async function durabilityOf(owner: Client): Promise<Record<string, string>> {
  const show = async (name: string): Promise<string> => {
    const { rows } = await owner.query<{ value: string }>('SELECT current_setting($1) AS value', [name]);
    return rows[0]?.value ?? '';
  };
  const durability: Record<string, string> = {};
  for (const name of [...MUST_BE_ON, 'wal_sync_method']) durability[name] = await show(name);
  const off = MUST_BE_ON.filter((name) => durability[name] !== 'on');
  if (off.length > 0) throw new Error(`PostgreSQL would not be durable: ${off.join(', ')} must be on.`);
  const directory = await show('data_directory');
  if ((await statfs(directory)).type === TMPFS) {
    throw new Error(`${directory} is in memory (tmpfs). Set TMPDIR to a directory on a disk, and run again.`);
  }
  return durability;
}
