import { Redis } from 'ioredis';

import { Deployment } from './deployment.js';
import { startPostgresProxy } from './postgres-proxy/proxy.js';
import type { RedisServer } from './redis.js';
import { settings, type Service } from './service.js';

/** Number of requests of each kind: a Redis command with its key, or the text of a statement. */
export type Requests = Readonly<Record<string, number>>;

interface Request {
  readonly atMs: number;
  readonly what: string;
}

/** One service with stores of its own, and what it asks of them. */
export class ObservedService {
  private constructor(
    readonly service: Service,
    private readonly requests: readonly Request[],
    readonly stop: () => Promise<void>,
  ) {}

  /** @param db number of the logical database that this service alone uses */
  static async start(redis: RedisServer, db: number): Promise<ObservedService> {
    const requests: Request[] = [];
    const note = (what: string): void => {
      requests.push({ atMs: Date.now(), what });
    };
    const deployment = await Deployment.create();
    const postgres = await startPostgresProxy(deployment.database.serviceUrl, (text) => {
      note(text.replaceAll(/\s+/g, ' ').trim());
    });
    const client = new Redis({ host: redis.host, port: redis.port });
    const monitor = await client.monitor();
    const onCommand = (_time: string, [command = '', key = '']: string[], _by: string, of: string): void => {
      if (of === String(db)) note(`${command.toUpperCase()} ${key}`);
    };
    monitor.on('monitor', onCommand);
    const databaseUrl = postgres.through(deployment.database.serviceUrl);
    const service = await deployment.start(settings({ databaseUrl, redis: { ...redis, db } }));
    return new ObservedService(service, requests, async () => {
      await deployment.remove();
      await postgres.close();
      monitor.disconnect();
      client.disconnect();
    });
  }

  /** Returns the requests from one instant to another, in Unix milliseconds. */
  between(fromMs: number, toMs: number): Requests {
    const counts: Record<string, number> = {};
    for (const { atMs, what } of this.requests)
      if (atMs >= fromMs && atMs < toMs) counts[what] = (counts[what] ?? 0) + 1;
    return counts;
  }
}
