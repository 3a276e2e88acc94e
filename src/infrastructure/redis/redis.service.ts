import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Cluster, type Redis } from 'ioredis';
import { NO_TRACER, type ITracer } from '../../application/ports/tracer.port.js';
import type { RedisConfig } from '../../config/redis.config.js';
import { dependencyUnavailable } from '../../shared/exceptions/application.exception.js';
import { redisCommandDurationSeconds } from '../../shared/metrics/metrics.js';
import { COMMAND_TIMEOUT_MS } from '../../shared/rules/request-budget.rule.js';
import { endsWithin, settleWithin } from '../../shared/utils/timeout.util.js';
import { CONNECT_TIMEOUT_MS, createRedisClient } from './redis-client.js';

/** Logs the end of an outage once commands have succeeded for so long, so that a flapping server is logged once. */
const RECOVERED_AFTER_MS = 2000;

/** Arguments of ZRANGEBYSCORE behind its range. */
type RangeOptions =
  [] | ['LIMIT', offset: number, count: number] | ['WITHSCORES', 'LIMIT', offset: number, count: number];

/**
 * Commands on one Redis or Redis Cluster. They fail at once while the connection is lost, and do not queue.
 * Each command throws ApplicationException `redis_unavailable` when Redis refuses it or does not answer in time.
 */
export class RedisService implements OnApplicationShutdown {
  private readonly logger = new Logger(RedisService.name);
  private readonly client: Redis | Cluster;
  private readonly close: () => void;
  private isUnavailable = false;
  private failedAtMs = -Infinity;
  private readyCount = 0;

  constructor(
    config: RedisConfig,
    private readonly tracer: ITracer = NO_TRACER,
  ) {
    const { client, close } = createRedisClient(config);
    this.client = client;
    this.close = close;
    for (const event of ['error', 'node error']) {
      this.client.on(event, (error: unknown) => {
        this.noteFailure(error);
      });
    }
    const countConnection = (): void => {
      this.readyCount++;
    };
    this.client.on('ready', countConnection);
    // A node that restarts, or takes over, may have lost data while the cluster stays connected.
    this.client.on('+node', (node: Redis) => node.on('ready', countConnection));
  }

  /** Number of connections so far: a new one may lead to a Redis that has lost data. */
  get connections(): number {
    return this.readyCount;
  }

  /** The client itself; its commands throw the errors of Redis and have no time limit. */
  get connection(): Redis | Cluster {
    return this.client;
  }

  /** Adds a script as a command of the client. */
  defineCommand(name: string, definition: { readonly numberOfKeys: number; readonly lua: string }): void {
    this.client.defineCommand(name, definition);
  }

  /**
   * Runs any commands, which together take as long as one may.
   *
   * @param command label of the metric
   * @throws ApplicationException `redis_unavailable`
   */
  run<T>(work: (client: Redis | Cluster) => Promise<T>, command = 'other'): Promise<T> {
    if (!this.tracer.isRecording) return this.runMeasured(work, command);
    const options = { kind: 'client', attributes: { 'db.system.name': 'redis' } } as const;
    return this.tracer.run(`redis ${command}`, options, () => this.runMeasured(work, command));
  }

  private async runMeasured<T>(work: (client: Redis | Cluster) => Promise<T>, command: string): Promise<T> {
    const startedMs = performance.now();
    try {
      const result = await settleWithin(work(this.client), COMMAND_TIMEOUT_MS);
      const endedMs = performance.now();
      redisCommandDurationSeconds.observe({ command }, (endedMs - startedMs) / 1000);
      if (this.isUnavailable) this.noteSuccess(endedMs);
      return result;
    } catch (error) {
      this.noteFailure(error);
      throw dependencyUnavailable('redis', error);
    }
  }

  async ping(): Promise<void> {
    await this.run((client) => client.ping(), 'ping');
  }

  /** @param args flags such as `GT`, then pairs of score and member */
  zadd(key: string, ...args: readonly (string | number)[]): Promise<number> {
    return this.run((client) => client.zadd(key, ...args), 'zadd');
  }

  zcount(key: string, min: number | string, max: number | string): Promise<number> {
    return this.run((client) => client.zcount(key, min, max), 'zcount');
  }

  zrangebyscore(
    key: string,
    min: number | string,
    max: number | string,
    ...options: RangeOptions
  ): Promise<string[]> {
    // The client's types have one signature for each form; at runtime they are one command.
    return this.run((client) => client.zrangebyscore(key, min, max, ...(options as [])), 'zrangebyscore');
  }

  zremrangebyscore(key: string, min: number | string, max: number | string): Promise<number> {
    return this.run((client) => client.zremrangebyscore(key, min, max), 'zremrangebyscore');
  }

  zrem(key: string, member: string): Promise<number> {
    return this.run((client) => client.zrem(key, member), 'zrem');
  }

  zscore(key: string, member: string): Promise<string | null> {
    return this.run((client) => client.zscore(key, member), 'zscore');
  }

  pfadd(key: string, ...elements: readonly string[]): Promise<number> {
    return this.run((client) => client.pfadd(key, ...elements), 'pfadd');
  }

  pfcount(...keys: readonly string[]): Promise<number> {
    return this.run((client) => client.pfcount(...keys), 'pfcount');
  }

  expire(key: string, seconds: number): Promise<number> {
    return this.run((client) => client.expire(key, seconds), 'expire');
  }

  /** @param atSeconds Unix seconds */
  expireat(key: string, atSeconds: number): Promise<number> {
    return this.run((client) => client.expireat(key, atSeconds), 'expireat');
  }

  del(...keys: readonly string[]): Promise<number> {
    return this.run((client) => client.del(...keys), 'del');
  }

  /** Resolves once connected, or after the connect timeout: the service starts without Redis as well. */
  async settle(): Promise<void> {
    await endsWithin(this.connect(), CONNECT_TIMEOUT_MS);
  }

  onApplicationShutdown(): void {
    this.close();
  }

  /** Connects to every master of a cluster as well, before the first heartbeat needs it. */
  private async connect(): Promise<void> {
    if (this.client.status !== 'ready')
      await new Promise<void>((resolve) => {
        this.client.once('ready', () => {
          resolve();
        });
      });
    if (this.client instanceof Cluster)
      await Promise.allSettled(this.client.nodes('master').map((node) => node.ping()));
  }

  /** Logs each outage once, not once a command or a retry. */
  private noteFailure(error: unknown): void {
    this.failedAtMs = performance.now();
    if (this.isUnavailable) return;
    this.isUnavailable = true;
    this.logger.error(`Redis is unavailable: ${error instanceof Error ? error.message : String(error)}`);
  }

  private noteSuccess(nowMs: number): void {
    if (nowMs - this.failedAtMs < RECOVERED_AFTER_MS) return;
    this.isUnavailable = false;
    this.logger.log('Redis is available again');
  }
}
