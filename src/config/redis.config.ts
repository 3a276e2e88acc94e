import type { Environment } from './variables/catalogue.js';

export interface RedisConfig {
  readonly host: string;
  readonly port: number;
  readonly password: string | null;
  readonly db: number;
  /** True when the host is a node of a Redis Cluster. */
  readonly cluster: boolean;
  /** Number of sorted sets that hold the online users; several let a cluster share the load. */
  readonly presenceShards: number;
}

/** Returns null when presence and live DAU are kept in process. */
export function redisConfig(env: Environment): RedisConfig | null {
  if (env.REDIS_HOST === undefined) return null;
  return {
    host: env.REDIS_HOST,
    port: env.REDIS_PORT,
    password: env.REDIS_PASSWORD ?? null,
    db: env.REDIS_DB,
    cluster: env.REDIS_CLUSTER,
    presenceShards: env.REDIS_PRESENCE_SHARDS,
  };
}
