import { createTestDatabase, type TestDatabase } from './database.js';
import { OwnerDatabase } from './owner-database.js';
import { createTestRedis, type TestRedis } from './redis.js';
import { settings, startService, type Service, type Settings } from './service.js';

/** Holds a test database, an optional Redis database, and the services that run on them. */
export class Deployment {
  private readonly services: Service[] = [];

  private constructor(
    readonly database: TestDatabase,
    /** connects as the owner of the tables, to see what is stored */
    readonly stored: OwnerDatabase,
    private readonly ownRedis: TestRedis | undefined,
  ) {}

  /** Creates an empty, migrated database and, on request, an empty Redis database. */
  static async create(options: { readonly redis?: boolean } = {}): Promise<Deployment> {
    const [database, redis] = await Promise.all([
      createTestDatabase(),
      options.redis === true ? createTestRedis() : undefined,
    ]);
    return new Deployment(database, await OwnerDatabase.connect(database.ownerUrl), redis);
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
  async start(env: Settings = {}): Promise<Service> {
    const service = await startService({ env: { ...this.settings, ...env } });
    this.services.push(service);
    return service;
  }

  /** Stops the services, then drops the databases. @returns the exit code of each service, in start order */
  async remove(): Promise<(number | null)[]> {
    await this.stored.close();
    const exitCodes = await Promise.all(this.services.map((service) => service.stop()));
    await this.ownRedis?.close();
    await this.database.drop();
    return exitCodes;
  }
}
