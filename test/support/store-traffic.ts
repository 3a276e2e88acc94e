import { Deployment } from './deployment.js';
import { assemble } from './parts.js';
import { startPostgresProxy } from './postgres-proxy/proxy.js';
import { RedisProxy } from './redis-proxy.js';
import type { RedisServer } from './redis.js';
import { settings, type Service } from './service.js';

/** Number of requests of each kind: a Redis command with its key, or the text of a statement. */
export type Requests = Readonly<Record<string, number>>;

interface Request {
  readonly atMs: number;
  readonly what: string;
}

/** One service with stores of its own, and what it asks of them through a proxy before each. */
export class ObservedService {
  private constructor(
    readonly service: Service,
    private readonly requests: readonly Request[],
    readonly stop: () => Promise<void>,
  ) {}

  /** @param db number of the logical database that this service alone uses */
  static start(server: RedisServer, db: number): Promise<ObservedService> {
    const requests: Request[] = [];
    const note = (what: string): void => {
      requests.push({ atMs: Date.now(), what });
    };
    return assemble(async (parts) => {
      const redis = await parts.add(
        RedisProxy.start(server.port, ([command = '', key = '']) => {
          note(`${command.toUpperCase()} ${key}`);
        }),
        (proxy) => proxy.stop(),
      );
      const deployment = await parts.add(Deployment.create(), (each) => each.remove());
      const { serviceUrl } = deployment.database;
      const onStatement = (text: string): void => {
        note(text.replaceAll(/\s+/g, ' ').trim());
      };
      const postgres = await parts.add(startPostgresProxy(serviceUrl, onStatement), (proxy) => proxy.close());
      const databaseUrl = postgres.through(serviceUrl);
      const { host, port } = redis;
      const service = await parts.add(
        deployment.start(settings({ databaseUrl, redis: { host, port, db } })),
        (each) => each.stop(),
      );
      return new ObservedService(service, requests, () => parts.stop());
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
