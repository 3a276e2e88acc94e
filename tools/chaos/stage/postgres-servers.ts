import { startPostgresServer, type PostgresServer } from '../../../test/support/postgres.js';
import { initialize } from '../../../test/support/postgres/data-directory.js';
import {
  promote,
  PRIMARY_SETTINGS,
  startStandby,
  waitForStandby,
} from '../../../test/support/postgres/standby.js';
import { childrenOf, signalIfRunning } from './process-tree.js';
import { makeDirectoryOnSmallDisk, unmountDisk } from './small-disk.js';

export interface PostgresVariants {
  /** Commits wait for a standby. */
  readonly hasStandby?: boolean;
  /** The data are on a file system that can be full. */
  readonly onSmallDisk?: boolean;
}

const STANDBY = 'standby';
const DURABLE = {
  ...PRIMARY_SETTINGS,
  fsync: 'on',
  full_page_writes: 'on',
  // Checkpoints of a file system of its own leave room for the data.
  max_wal_size: '512MB',
} as const;

/** A primary and, when it is wanted, its synchronous standby, which change places. */
export class PostgresServers {
  private current: PostgresServer;
  private follower: PostgresServer | undefined;
  private former: PostgresServer | undefined;

  private constructor(
    primary: PostgresServer,
    private readonly variants: PostgresVariants,
  ) {
    this.current = primary;
  }

  static async start(variants: PostgresVariants): Promise<PostgresServers> {
    if (variants.onSmallDisk !== true)
      return new PostgresServers(await startPostgresServer({ settings: DURABLE }), variants);
    const from = await makeDirectoryOnSmallDisk();
    await initialize(from);
    return new PostgresServers(await startPostgresServer({ from, settings: DURABLE }), variants);
  }

  get primary(): PostgresServer {
    return this.current;
  }

  get standby(): PostgresServer | undefined {
    return this.follower;
  }

  /** Starts a standby from a base backup and makes commits wait for it; a former primary is removed first. */
  async addStandby(): Promise<void> {
    if (this.former !== undefined) {
      await this.remove(this.former);
      this.former = undefined;
    }
    this.follower ??= await startStandby(this.current, {
      name: STANDBY,
      settings: DURABLE,
      ...(this.variants.onSmallDisk === true && { makeDirectory: makeDirectoryOnSmallDisk }),
    });
    await waitForStandby(this.current, STANDBY);
  }

  /** Makes the standby the primary, whose commits wait for nobody. */
  async promote(): Promise<void> {
    const { follower } = this;
    if (follower === undefined) throw new Error('PostgreSQL has no standby');
    await promote(follower);
    this.former = this.current;
    this.current = follower;
    this.follower = undefined;
  }

  async stop(): Promise<void> {
    for (const server of [this.current, this.follower, this.former])
      if (server !== undefined) await this.remove(server);
  }

  /** Kills a server, which may be frozen, and removes its data. */
  private async remove(server: PostgresServer): Promise<void> {
    for (const pid of [server.pid, ...(await childrenOf(server.pid))]) signalIfRunning(pid, 'SIGKILL');
    if (this.variants.onSmallDisk === true) await unmountDisk(server.files);
    await server.stop();
  }
}
