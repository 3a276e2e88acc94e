import { DEFAULT_SENTINEL_PORT, parseAddresses, type Address } from './addresses.js';
import { readPemFiles, type TlsFiles } from './pem-files.js';
import type { Environment } from './variables/catalogue.js';

/** Sorted sets of a cluster: enough that masters are even, and that moving one blocks nobody for long. */
const CLUSTER_PRESENCE_SHARDS = 256;

export interface RedisConfig {
  /** The server, or nodes of the cluster to connect to first; empty when Sentinels name the server. */
  readonly addresses: readonly Address[];
  /** Null means that the address of the server is known. */
  readonly sentinel: {
    readonly addresses: readonly Address[];
    readonly masterName: string;
    readonly password: string | null;
  } | null;
  readonly username: string | null;
  readonly password: string | null;
  /** Null means plain TCP. */
  readonly tls: TlsFiles | null;
  readonly db: number;
  /** True when the addresses are nodes of a Redis Cluster. */
  readonly cluster: boolean;
  /** Number of sorted sets that hold the online users; several let a cluster share the load. */
  readonly presenceShards: number;
}

/**
 * Returns null when presence and live DAU are kept in process.
 *
 * @throws when a PEM file cannot be read
 */
export function redisConfig(env: Environment): RedisConfig | null {
  if (env.REDIS_HOST === undefined && env.REDIS_SENTINELS === undefined) return null;
  return {
    addresses: parseAddresses(env.REDIS_HOST ?? '', env.REDIS_PORT) ?? [],
    sentinel: sentinel(env),
    username: env.REDIS_USERNAME ?? null,
    password: env.REDIS_PASSWORD ?? null,
    tls: env.REDIS_TLS ? tls(env) : null,
    db: env.REDIS_DB,
    cluster: env.REDIS_CLUSTER,
    presenceShards: env.REDIS_PRESENCE_SHARDS ?? (env.REDIS_CLUSTER ? CLUSTER_PRESENCE_SHARDS : 1),
  };
}

function sentinel(env: Environment): RedisConfig['sentinel'] {
  if (env.REDIS_SENTINELS === undefined) return null;
  return {
    addresses: parseAddresses(env.REDIS_SENTINELS, DEFAULT_SENTINEL_PORT) ?? [],
    masterName: env.REDIS_SENTINEL_MASTER,
    password: env.REDIS_SENTINEL_PASSWORD ?? null,
  };
}

function tls(env: Environment): TlsFiles {
  return readPemFiles({
    ca: env.REDIS_TLS_CA_FILE,
    cert: env.REDIS_TLS_CERT_FILE,
    key: env.REDIS_TLS_KEY_FILE,
  });
}
