import type { RedisConfig } from '../../src/config/redis.config.js';
import { RedisService } from '../../src/infrastructure/redis/redis.service.js';
import { createTestRedis, startRedisServer, type RedisServer } from './redis.js';

/** A Redis for one adapter, with the call that releases it. */
export interface RedisForAdapter {
  readonly config: RedisConfig;
  release(): Promise<void>;
}

/** Reserves a logical database of the shared server. */
export async function sharedRedis(options: Partial<RedisConfig> = {}): Promise<RedisForAdapter> {
  const redis = await createTestRedis();
  return {
    config: {
      host: redis.host,
      port: redis.port,
      password: redis.password ?? null,
      db: redis.db,
      cluster: false,
      presenceShards: 1,
      ...options,
    },
    release: () => redis.close(),
  };
}

/** Starts a Redis Cluster of one node that serves all slots. */
export async function redisCluster(options: Partial<RedisConfig> = {}): Promise<RedisForAdapter> {
  const server = await startRedisServer({ cluster: true });
  return { config: { ...configOf(server), cluster: true, ...options }, release: () => server.stop() };
}

export function configOf({ host, port }: Pick<RedisServer, 'host' | 'port'>): RedisConfig {
  return { host, port, password: null, db: 0, cluster: false, presenceShards: 1 };
}

export async function connectRedis(config: RedisConfig): Promise<RedisService> {
  const service = new RedisService(config);
  await service.settle();
  return service;
}
