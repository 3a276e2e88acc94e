import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis';
import type { RedisConfig } from '../../config/redis.config.js';
import { ReconnectDelay } from './reconnect-delay.js';
import { WrongNodeRule } from './wrong-node.js';

export const CONNECT_TIMEOUT_MS = 1000;
/** Drops a connection that owes a reply and sends nothing for so long. An idle connection owes none. */
const SILENCE_TIMEOUT_MS = 1000;
const DISCONNECT_TIMEOUT_MS = 500;
/** Retries of one command in a cluster fit into its time limit. */
const CLUSTER_RETRIES = {
  maxRedirections: 4,
  retryDelayOnFailover: 150,
  retryDelayOnClusterDown: 150,
} satisfies ClusterOptions;
const MAX_LOADING_CHECK_MS = 500;

/**
 * Opens a client that reconnects by itself, and whose commands fail at once while it is not connected.
 * A connection that is silent, or leads to a server that takes no writes, is dropped and made again.
 */
export function createRedisClient(config: RedisConfig): Redis | Cluster {
  const rule = new WrongNodeRule(config.cluster);
  const delay = new ReconnectDelay();
  const retryStrategy = (): number => delay.nextMs();
  const options = {
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    reconnectOnError(this: RedisOptions, error: Error) {
      return rule.dropsConnection(error, `${this.host}:${this.port}`);
    },
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // Commands of one turn of the event loop share a packet.
    enableAutoPipelining: true,
    ...(config.password !== null && { password: config.password }),
  } satisfies RedisOptions;
  if (!config.cluster) {
    const { host, port, db } = config;
    // A server that loads its data says so to the first command, and that drops the connection.
    return new Redis({ ...options, host, port, db, retryStrategy, enableReadyCheck: false });
  }
  return new Cluster([{ host: config.host, port: config.port }], {
    redisOptions: { ...options, maxLoadingRetryTime: MAX_LOADING_CHECK_MS },
    enableOfflineQueue: false,
    clusterRetryStrategy: retryStrategy,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    ...CLUSTER_RETRIES,
  });
}
