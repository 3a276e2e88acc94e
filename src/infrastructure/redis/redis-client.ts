import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisConfig } from '../../config/redis.config.js';

export const CONNECT_TIMEOUT_MS = 1000;
const COMMAND_TIMEOUT_MS = 800;
const MIN_RECONNECT_DELAY_MS = 50;
const MAX_RECONNECT_DELAY_MS = 1000;

/** Opens a client that reconnects by itself, and whose commands fail at once while it is not connected. */
export function createRedisClient(config: RedisConfig): Redis | Cluster {
  const options = {
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // Commands of one turn of the event loop share a packet.
    enableAutoPipelining: true,
    ...(config.password !== null && { password: config.password }),
  } satisfies RedisOptions;
  if (!config.cluster) {
    const { host, port, db } = config;
    return new Redis({ ...options, host, port, db, retryStrategy: reconnectDelayMs });
  }
  return new Cluster([{ host: config.host, port: config.port }], {
    redisOptions: options,
    enableOfflineQueue: false,
    clusterRetryStrategy: reconnectDelayMs,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
  });
}

/** Doubles with each attempt; jitter keeps many replicas from reconnecting at the same moment. */
function reconnectDelayMs(attempt: number): number {
  const delayMs = Math.min(MAX_RECONNECT_DELAY_MS, MIN_RECONNECT_DELAY_MS * 2 ** Math.min(attempt, 10));
  return delayMs * (0.5 + Math.random() / 2);
}
