import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisConfig } from '../../config/redis.config.js';
import { dependencyUnavailable } from '../../shared/exceptions/application.exception.js';

const CONNECT_TIMEOUT_MS = 1000;
const COMMAND_TIMEOUT_MS = 800;
const MAX_RECONNECT_DELAY_MS = 1000;

/**
 * The connection to Redis or to a Redis Cluster. Commands fail at once while it is away instead of queueing, and the
 * connection comes back by itself.
 */
export class RedisService implements OnApplicationShutdown {
  private readonly logger = new Logger(RedisService.name);
  private readonly client: Redis | Cluster;
  private away = false;

  constructor(config: RedisConfig) {
    const options = {
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: COMMAND_TIMEOUT_MS,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      // Commands of one turn of the event loop go as one packet, whoever's they are.
      enableAutoPipelining: true,
      ...(config.password !== null && { password: config.password }),
    } satisfies RedisOptions;
    // Jitter keeps a thousand clients from coming back at the same moment.
    const retry = (attempt: number): number =>
      Math.min(MAX_RECONNECT_DELAY_MS, 50 * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);
    this.client = config.cluster
      ? new Cluster([{ host: config.host, port: config.port }], {
          redisOptions: options,
          enableOfflineQueue: false,
          clusterRetryStrategy: retry,
          slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
        })
      : new Redis({ ...options, host: config.host, port: config.port, db: config.db, retryStrategy: retry });
    this.client.on('error', (error: Error) => {
      // Once an outage, not once an attempt.
      if (!this.away) this.logger.error(`Redis is away and will be tried again: ${error.message}`);
      this.away = true;
    });
    this.client.on('ready', () => {
      if (this.away) this.logger.log('Redis is back');
      this.away = false;
    });
  }

  /** For a library that brings commands of its own. Runs them as {@link run} does, and throws Redis' own errors. */
  get connection(): Redis | Cluster {
    return this.client;
  }

  /** Runs commands. @throws ApplicationException `redis_unavailable` for whatever Redis or the connection refuses */
  async run<T>(work: (client: Redis | Cluster) => Promise<T>): Promise<T> {
    try {
      return await work(this.client);
    } catch (error) {
      throw dependencyUnavailable('redis', error);
    }
  }

  async ping(): Promise<void> {
    await this.run((client) => client.ping());
  }

  /** Resolves once connected, or after the connect timeout: the service starts, and recovers, without Redis. */
  async settle(): Promise<void> {
    if (this.client.status === 'ready') return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CONNECT_TIMEOUT_MS);
      this.client.once('ready', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  onApplicationShutdown(): void {
    this.client.disconnect();
  }
}
