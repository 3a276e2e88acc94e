import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Cluster, Redis } from 'ioredis';
import type { RedisConfig } from '../../config/redis.config.js';
import { dependencyUnavailable } from '../../shared/exceptions/application.exception.js';
import { CONNECT_TIMEOUT_MS, createRedisClient } from './redis-client.js';

/** Arguments of ZRANGEBYSCORE behind its range. */
type RangeOptions =
  [] | ['LIMIT', offset: number, count: number] | ['WITHSCORES', 'LIMIT', offset: number, count: number];

/**
 * Commands on one Redis or Redis Cluster. They fail at once while the connection is lost, and do not queue.
 * Each command throws ApplicationException `redis_unavailable` when Redis or the connection refuses it.
 */
export class RedisService implements OnApplicationShutdown {
  private readonly logger = new Logger(RedisService.name);
  private readonly client: Redis | Cluster;
  private isUnavailable = false;

  constructor(config: RedisConfig) {
    this.client = createRedisClient(config);
    this.client.on('error', (error: Error) => {
      // Logs each outage once, not once a retry.
      if (!this.isUnavailable) this.logger.error(`Redis is unavailable; reconnecting: ${error.message}`);
      this.isUnavailable = true;
    });
    this.client.on('ready', () => {
      if (this.isUnavailable) this.logger.log('Redis is available again');
      this.isUnavailable = false;
    });
  }

  /** Connection for a library that sends its own commands; those throw the errors of Redis. */
  get connection(): Redis | Cluster {
    return this.client;
  }

  /** Runs any commands. @throws ApplicationException `redis_unavailable` */
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

  /** @param args flags such as `GT`, then pairs of score and member */
  zadd(key: string, ...args: readonly (string | number)[]): Promise<number> {
    return this.run((client) => client.zadd(key, ...args));
  }

  zcount(key: string, min: number | string, max: number | string): Promise<number> {
    return this.run((client) => client.zcount(key, min, max));
  }

  zrangebyscore(
    key: string,
    min: number | string,
    max: number | string,
    ...options: RangeOptions
  ): Promise<string[]> {
    // The client's types have one signature for each form; at runtime they are one command.
    return this.run((client) => client.zrangebyscore(key, min, max, ...(options as [])));
  }

  zremrangebyscore(key: string, min: number | string, max: number | string): Promise<number> {
    return this.run((client) => client.zremrangebyscore(key, min, max));
  }

  zscore(key: string, member: string): Promise<string | null> {
    return this.run((client) => client.zscore(key, member));
  }

  pfadd(key: string, ...elements: readonly string[]): Promise<number> {
    return this.run((client) => client.pfadd(key, ...elements));
  }

  pfcount(...keys: readonly string[]): Promise<number> {
    return this.run((client) => client.pfcount(...keys));
  }

  expire(key: string, seconds: number): Promise<number> {
    return this.run((client) => client.expire(key, seconds));
  }

  /** @param atSeconds Unix seconds */
  expireat(key: string, atSeconds: number): Promise<number> {
    return this.run((client) => client.expireat(key, atSeconds));
  }

  del(...keys: readonly string[]): Promise<number> {
    return this.run((client) => client.del(...keys));
  }

  /** Resolves once connected, or after the connect timeout: the service starts without Redis as well. */
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
