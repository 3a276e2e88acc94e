import { createTestDatabase, type TestDatabase } from './database.js';
import { OwnerDatabase } from './owner-database.js';
import { assemble, type Parts } from './parts.js';
import { createTestRedis, type TestRedis } from './redis.js';
import { settings, startService, type Service, type ServiceOptions, type Settings } from './service.js';

/** Holds a test database, an optional Redis database, and the services that run on them. */
export class Deployment {
  private readonly services: Service[] = [];

  private constructor(
    readonly database: TestDatabase,
    /** connects as the owner of the tables, to see what is stored */
    readonly stored: OwnerDatabase,
    private readonly ownRedis: TestRedis | undefined,
    private readonly parts: Parts,
  ) {}

  /** Creates an empty, migrated database and, on request, an empty Redis database. */
  static create(options: { readonly redis?: boolean } = {}): Promise<Deployment> {
    return assemble(async (parts) => {
      const [database, redis] = await Promise.all([
        parts.add(createTestDatabase(), (each) => each.drop()),
        options.redis === true ? parts.add(createTestRedis(), (each) => each.close()) : undefined,
      ]);
      const stored = await parts.add(OwnerDatabase.connect(database.ownerUrl), (each) => each.close());
      return new Deployment(database, stored, redis, parts);
    });
  }

  /** @throws when the deployment was created without Redis */
  get redis(): TestRedis {
    if (this.ownRedis === undefined) throw new Error('This deployment was created without Redis.');
    return this.ownRedis;
  }

  /** Settings that connect a program to this deployment. */
  get settings(): Settings {
    return settings({
      databaseUrl: this.database.serviceUrl,
      ...(this.ownRedis !== undefined && { redis: this.ownRedis }),
    });
  }

  /** Starts a service on this deployment. @param env further settings */
  async start(env: Settings = {}, options: Omit<ServiceOptions, 'env'> = {}): Promise<Service> {
    const service = await startService({ ...options, env: { ...this.settings, ...env } });
    this.services.push(service);
    return service;
  }

  /** Stops the services, then drops the databases. @returns the exit code of each service, in start order */
  async remove(): Promise<(number | null)[]> {
    try {
      return await Promise.all(this.services.map((service) => service.stop()));
    } finally {
      await this.parts.stop();
    }
  }
}
