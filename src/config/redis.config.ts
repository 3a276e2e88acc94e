import type { Environment } from './environment.js';

export interface RedisConfig {
  readonly host: string;
  readonly port: number;
  readonly password: string | null;
  readonly db: number;
  /** The host is a node of a Redis Cluster. */
  readonly cluster: boolean;
  /** Over how many ZSETs users are spread; more than one lets presence spread over a cluster. */
  readonly presenceShards: number;
}

/** Null: presence and live DAU are kept in process. */
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
