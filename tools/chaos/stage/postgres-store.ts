import { Client } from 'pg';
import { createTestDatabase, prepareServer, type TestDatabase } from '../../../test/support/database.js';
import type { PostgresServer } from '../../../test/support/postgres.js';
import { waitFor } from '../../../test/support/processes.js';
import { TcpProxy } from '../proxy/tcp-proxy.js';
import { PostgresServers, type PostgresVariants } from './postgres-servers.js';
import { childrenOf, signalIfRunning } from './process-tree.js';
import { fillDisk, freeDisk } from './small-disk.js';
import type { StoreLink } from './store-link.js';

const ADMIN_TIMEOUT_MS = 5_000;
/** The backends of a killed postmaster notice its end; those that do not are killed after this time. */
const ORPHANS_END_WITHIN_MS = 5_000;

/** PostgreSQL with a migrated database, durable as in production, which a fault can stop, freeze, kill or promote. */
export class PostgresStore {
  private constructor(
    private readonly servers: PostgresServers,
    readonly database: TestDatabase,
  ) {}

  static async start(variants: PostgresVariants = {}): Promise<PostgresStore> {
    const servers = await PostgresServers.start(variants);
    try {
      await prepareServer(servers.primary.ownerUrl);
      const store = new PostgresStore(servers, await createTestDatabase(servers.primary.ownerUrl));
      if (variants.hasStandby === true) await servers.addStandby();
      return store;
    } catch (error) {
      await servers.stop();
      throw error;
    }
  }

  /** Returns the port of the current primary. */
  get port(): number {
    return this.servers.primary.port;
  }

  get pid(): number {
    return this.servers.primary.pid;
  }

  get standby(): PostgresServer | undefined {
    return this.servers.standby;
  }

  /** Returns the login role of the service. */
  get serviceRole(): string {
    return new URL(this.database.serviceUrl).username;
  }

  /** Returns the service's URL through a proxy. */
  serviceUrlAt(port: number): string {
    return withPort(this.database.serviceUrl, port);
  }

  /** Opens a link that follows the primary. */
  async openLink(): Promise<StoreLink> {
    const proxy = await TcpProxy.start(() => this.port);
    const settings = { DATABASE_URL: this.serviceUrlAt(proxy.port) };
    return { link: proxy, settings, stop: () => proxy.stop() };
  }

  /** Opens a superuser's connection to the primary that no proxy is on; `end` closes it. */
  async connectAsOwner(): Promise<Client> {
    const client = new Client({
      connectionString: withPort(this.database.ownerUrl, this.port),
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
    await signalServer(this.pid, signal, everyProcess);
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
    await this.servers.primary.restart();
  }

  /** Makes the standby the primary. The former primary must be dead or frozen. */
  async promote(): Promise<void> {
    await this.servers.promote();
  }

  /** Gives a promoted primary a new standby, which commits wait for. */
  async replaceStandby(): Promise<void> {
    await this.servers.addStandby();
  }

  async fillDisk(): Promise<void> {
    await fillDisk(this.servers.primary.files);
  }

  /** Frees the disk, and starts a server again that ended on it. */
  async freeDisk(): Promise<void> {
    await freeDisk(this.servers.primary.files);
    if (!signalIfRunning(this.pid, 0)) await this.startAgain();
  }

  async stop(): Promise<void> {
    await this.signal('SIGCONT', true);
    await this.servers.stop();
  }
}

/** Sends a signal to a postmaster and, with `everyProcess`, to its children. */
export async function signalServer(
  pid: number,
  signal: NodeJS.Signals,
  everyProcess: boolean,
): Promise<void> {
  const children = everyProcess ? await childrenOf(pid) : [];
  for (const each of [pid, ...children]) signalIfRunning(each, signal);
}

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}
