import { Cluster } from 'ioredis';

import type { Address } from '../../src/config/addresses.js';
import type { RedisConfig } from '../../src/config/redis.config.js';
import { RedisService } from '../../src/infrastructure/redis/redis.service.js';
import { startRedisCluster } from './redis-cluster.js';
import { createTestRedis } from './redis.js';

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
      ...configOf(redis),
      username: redis.username ?? null,
      password: redis.password ?? null,
      db: redis.db,
      ...options,
    },
    release: () => redis.close(),
  };
}

/** Starts a Redis Cluster of three masters. */
export async function redisCluster(options: Partial<RedisConfig> = {}): Promise<RedisForAdapter> {
  const cluster = await startRedisCluster();
  const seeds = cluster.nodes.map(({ proxy }) => proxy);
  return { config: clusterConfigOf(seeds, options), release: () => cluster.stop() };
}

/** Deletes all keys of the server, or of every master of a cluster. */
export async function emptyRedis(service: RedisService): Promise<void> {
  await service.run(async (client) => {
    const servers = client instanceof Cluster ? client.nodes('master') : [client];
    await Promise.all(servers.map((server) => server.flushdb()));
  });
}

export function configOf({ host, port }: Address): RedisConfig {
  return {
    addresses: [{ host, port }],
    sentinel: null,
    username: null,
    password: null,
    tls: null,
    db: 0,
    cluster: false,
    presenceShards: 1,
  };
}

/** Names nodes of a cluster to connect to first. */
export function clusterConfigOf(seeds: readonly Address[], options: Partial<RedisConfig> = {}): RedisConfig {
  const [first] = seeds as [Address];
  const addresses = seeds.map(({ host, port }) => ({ host, port }));
  return { ...configOf(first), addresses, cluster: true, ...options };
}

export async function connectRedis(config: RedisConfig): Promise<RedisService> {
  const service = new RedisService(config);
  await service.settle();
  return service;
}
