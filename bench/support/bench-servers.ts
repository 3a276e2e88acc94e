import { Redis } from 'ioredis';
import { Client } from 'pg';

import { createTestDatabase, prepareServer, type TestDatabase } from '../../test/support/database.js';
import { startKafka } from '../../test/support/kafka.js';
import { startPostgresServer } from '../../test/support/postgres.js';
import { startRedisServer } from '../../test/support/redis.js';
import { settings, startService, type Service, type Settings } from '../../test/support/service.js';

/** Everything a run needs, of its own: nothing on the machine is touched, and all of it is gone afterwards. */
export interface BenchServers {
  /** The owner of the schema. */
  readonly owner: Client;
  readonly redis: Redis;
  readonly database: TestDatabase;
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

/** @param profileDirectory where the service leaves a CPU profile when it stops */
export async function startServers(profileDirectory?: string): Promise<BenchServers> {
  const postgres = await startPostgresServer({ settings: DURABLE });
  const redisServer = await startRedisServer();
  const kafka = await startKafka();
  const redis = new Redis({ host: redisServer.host, port: redisServer.port });
  await prepareServer(postgres.ownerUrl);
  const database = await createTestDatabase(postgres.ownerUrl);
  const owner = new Client({ connectionString: database.ownerUrl });
  await owner.connect();
  const env = {
    ...settings({ databaseUrl: database.serviceUrl, redis: redisServer }),
    NODE_ENV: 'production',
    KAFKA_BROKERS: kafka.brokers,
    // One generator is one client: what is measured is the work, not that it may not be done.
    RATE_LIMIT_PER_ADDRESS: '0',
    RATE_LIMIT_PER_INSTALL: '0',
  };
  return {
    owner,
    redis,
    database,
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
