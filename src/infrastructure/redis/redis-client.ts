import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis';
import type { RedisConfig } from '../../config/redis.config.js';
import { groupWrites } from './group-writes.js';
import { ReconnectDelay } from './reconnect-delay.js';
import { watchSentinels } from './sentinel-watch.js';
import { WrongNodeRule } from './wrong-node.js';

export const CONNECT_TIMEOUT_MS = 1000;
/** Drops a connection that owes a reply and sends nothing for so long. An idle connection owes none. */
const SILENCE_TIMEOUT_MS = 1000;
const DISCONNECT_TIMEOUT_MS = 500;
const SENTINEL_TIMEOUT_MS = 1000;
/** Retries of one command in a cluster fit into its time limit. */
const CLUSTER_RETRIES = {
  maxRedirections: 4,
  retryDelayOnFailover: 150,
  retryDelayOnClusterDown: 150,
} satisfies ClusterOptions;
/** Finds masters that joined and shards that moved while no command failed. */
const MAP_REFRESH_MS = 10_000;
const MAX_LOADING_CHECK_MS = 500;

type CommonOptions = Pick<
  RedisOptions,
  | 'connectTimeout'
  | 'socketTimeout'
  | 'disconnectTimeout'
  | 'reconnectOnError'
  | 'enableOfflineQueue'
  | 'maxRetriesPerRequest'
  | 'autoResendUnfulfilledCommands'
  | 'disableClientInfo'
  | 'username'
  | 'password'
  | 'tls'
>;
type ServerOptions = Pick<RedisOptions, 'host' | 'port' | 'enableReadyCheck'>;
type SentinelOptions = Pick<
  RedisOptions,
  | 'sentinels'
  | 'name'
  | 'sentinelRetryStrategy'
  | 'sentinelCommandTimeout'
  | 'sentinelPassword'
  | 'sentinelTLS'
  | 'enableTLSForSentinelMode'
  | 'maxLoadingRetryTime'
>;

export interface RedisClient {
  readonly client: Redis | Cluster;
  /** Closes the client and all that watches for it. */
  readonly close: () => void;
}

/**
 * Opens a client that reconnects by itself, and whose commands fail at once while it is not connected.
 * A connection that is silent, or leads to a server that takes no writes, is dropped and made again.
 */
export function createRedisClient(config: RedisConfig): RedisClient {
  const delay = new ReconnectDelay();
  const retryStrategy = (): number => delay.nextMs();
  if (config.cluster) {
    const cluster = createCluster(config, retryStrategy);
    return {
      client: cluster,
      close: () => {
        cluster.disconnect();
      },
    };
  }
  const server = config.sentinel === null ? serverOptions(config) : sentinelOptions(config, retryStrategy);
  const client = new Redis({
    ...commonOptions(config),
    ...server,
    db: config.db,
    retryStrategy,
    // Commands of one turn of the event loop share a packet.
    enableAutoPipelining: true,
  });
  const stopWatching = watchSentinels(client, config);
  return {
    client,
    close: () => {
      stopWatching();
      client.disconnect();
    },
  };
}

function createCluster(config: RedisConfig, clusterRetryStrategy: () => number): Cluster {
  const cluster = new Cluster([...config.addresses], {
    redisOptions: { ...commonOptions(config), maxLoadingRetryTime: MAX_LOADING_CHECK_MS },
    enableOfflineQueue: false,
    clusterRetryStrategy,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    slotsRefreshInterval: MAP_REFRESH_MS,
    // Each connection looks up its host: a seed without an address fails alone, and certificates name hosts.
    dnsLookup: (host, callback) => {
      callback(null, host);
    },
    ...CLUSTER_RETRIES,
  });
  cluster.on('+node', (node: Redis) => {
    node.on('connect', () => {
      groupWrites(node.stream);
    });
  });
  return cluster;
}

function commonOptions({ cluster, username, password, tls }: RedisConfig): CommonOptions {
  const rule = new WrongNodeRule(cluster);
  return {
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    reconnectOnError(this: RedisOptions, error: Error) {
      return rule.dropsConnection(error, `${this.host}:${this.port}`);
    },
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // Spares two commands a connection, which a user with few rights may not send.
    disableClientInfo: true,
    ...(username !== null && { username }),
    ...(password !== null && { password }),
    ...(tls !== null && { tls }),
  };
}

function serverOptions({ addresses: [address] }: RedisConfig): ServerOptions {
  // A server that loads its data says so to the first command, and that drops the connection.
  return { ...address, enableReadyCheck: false };
}

/** The check of readiness, on by default, asks the server for its role: a Sentinel may name the former master. */
function sentinelOptions(
  { sentinel, tls }: RedisConfig,
  sentinelRetryStrategy: () => number,
): SentinelOptions {
  if (sentinel === null) return {};
  return {
    sentinels: [...sentinel.addresses],
    name: sentinel.masterName,
    sentinelRetryStrategy,
    sentinelCommandTimeout: SENTINEL_TIMEOUT_MS,
    maxLoadingRetryTime: MAX_LOADING_CHECK_MS,
    ...(sentinel.password !== null && { sentinelPassword: sentinel.password }),
    ...(tls !== null && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
  };
}
