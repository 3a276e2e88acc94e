import { startPgBouncer, type PgBouncer } from '../../../test/support/pgbouncer.js';
import { TcpProxy } from '../proxy/tcp-proxy.js';
import type { PostgresStore } from './postgres-store.js';
import { signalIfRunning } from './process-tree.js';
import type { StoreLink } from './store-link.js';

/** The settings of docs/operations.md: the pooler tries a failed login again after a second. */
const SETTINGS = { server_login_retry: '1', default_pool_size: '60', max_client_conn: '500' } as const;

/** PgBouncer before PostgreSQL, whose server connections follow the primary. */
export class PoolerStore {
  private constructor(
    private pooler: PgBouncer,
    private readonly route: TcpProxy,
    private readonly postgres: PostgresStore,
  ) {}

  static async start(postgres: PostgresStore): Promise<PoolerStore> {
    const route = await TcpProxy.start(() => postgres.port);
    try {
      const pooler = await startPgBouncer([postgres.serviceUrlAt(route.port)], SETTINGS);
      return new PoolerStore(pooler, route, postgres);
    } catch (error) {
      await route.stop();
      throw error;
    }
  }

  get port(): number {
    return Number(new URL(this.pooler.through(this.postgres.database.serviceUrl)).port);
  }

  async openLink(): Promise<StoreLink> {
    const proxy = await TcpProxy.start(this.port);
    const settings = { DATABASE_URL: `${this.postgres.serviceUrlAt(proxy.port)}?pgbouncer=true` };
    return { link: proxy, settings, stop: () => proxy.stop() };
  }

  signal(signal: NodeJS.Signals): void {
    signalIfRunning(this.pooler.pid, signal);
  }

  /** Starts an ended pooler on the same port. */
  async startAgain(): Promise<void> {
    const { port } = this;
    await this.pooler.stop();
    this.pooler = await startPgBouncer([this.postgres.serviceUrlAt(this.route.port)], SETTINGS, port);
  }

  async stop(): Promise<void> {
    this.signal('SIGCONT');
    await this.pooler.stop();
    await this.route.stop();
  }
}
