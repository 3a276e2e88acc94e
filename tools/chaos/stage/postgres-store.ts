import { Client } from 'pg';
import { createTestDatabase, prepareServer, type TestDatabase } from '../../../test/support/database.js';
import { startPostgresServer, type PostgresServer } from '../../../test/support/postgres.js';
import { waitFor } from '../../../test/support/processes.js';
import { childrenOf, signalIfRunning } from './process-tree.js';

const DURABLE = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' } as const;
const ADMIN_TIMEOUT_MS = 5_000;
/** The backends of a killed postmaster notice its end; those that do not are killed after this time. */
const ORPHANS_END_WITHIN_MS = 5_000;

/** PostgreSQL with a migrated database, durable as in production, which a fault can stop, freeze or kill. */
export class PostgresStore {
  private constructor(
    private readonly server: PostgresServer,
    readonly database: TestDatabase,
  ) {}

  static async start(): Promise<PostgresStore> {
    const server = await startPostgresServer({ settings: DURABLE });
    try {
      await prepareServer(server.ownerUrl);
      return new PostgresStore(server, await createTestDatabase(server.ownerUrl));
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get port(): number {
    return this.server.port;
  }

  get pid(): number {
    return this.server.pid;
  }

  /** Returns the login role of the service. */
  get serviceRole(): string {
    return new URL(this.database.serviceUrl).username;
  }

  /** Returns the service's URL through a proxy. */
  serviceUrlAt(port: number): string {
    const url = new URL(this.database.serviceUrl);
    url.port = String(port);
    return url.href;
  }

  /** Opens a superuser's connection that no proxy is on; `end` closes it. */
  async connectAsOwner(): Promise<Client> {
    const client = new Client({
      connectionString: this.database.ownerUrl,
      connectionTimeoutMillis: ADMIN_TIMEOUT_MS,
      query_timeout: 4 * ADMIN_TIMEOUT_MS,
      application_name: 'chaos',
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  async asOwner<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    const client = await this.connectAsOwner();
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Returns the process ids of the service's backends. */
  async serviceBackends(): Promise<number[]> {
    return this.asOwner(async (client) => {
      const { rows } = await client.query<{ pid: number }>(
        'SELECT pid FROM pg_stat_activity WHERE usename = $1',
        [this.serviceRole],
      );
      return rows.map(({ pid }) => pid);
    });
  }

  /** Sends a signal to the postmaster and, with `everyProcess`, to its children. */
  async signal(signal: NodeJS.Signals, everyProcess: boolean): Promise<void> {
    const children = everyProcess ? await childrenOf(this.pid) : [];
    for (const pid of [this.pid, ...children]) signalIfRunning(pid, signal);
  }

  /** Ends the postmaster and waits until its children have ended, so that it can start again on the same data. */
  async end(signal: 'SIGKILL' | 'SIGQUIT' | 'SIGINT'): Promise<void> {
    const family = [this.pid, ...(await childrenOf(this.pid))];
    signalIfRunning(this.pid, signal);
    const ended = (): boolean => family.every((pid) => !signalIfRunning(pid, 0));
    try {
      await waitFor(ended, ORPHANS_END_WITHIN_MS);
    } catch {
      for (const pid of family) signalIfRunning(pid, 'SIGKILL');
      await waitFor(ended, ORPHANS_END_WITHIN_MS, { what: 'the processes of PostgreSQL end' });
    }
  }

  async startAgain(): Promise<void> {
    await this.server.restart();
  }

  async stop(): Promise<void> {
    await this.signal('SIGCONT', true);
    await this.server.stop();
  }
}
