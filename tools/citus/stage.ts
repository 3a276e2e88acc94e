import { EventLogCitusRepository } from '../../src/infrastructure/persistence/citus/event-log-citus.repository.js';
import { DailyActivesCitusRepository } from '../../src/infrastructure/persistence/citus/daily-actives-citus.repository.js';
import { IngestConnections } from '../../src/infrastructure/persistence/citus/ingest-connections.js';
import { PrismaService } from '../../src/infrastructure/persistence/prisma/prisma.service.js';
import { SystemClock } from '../../src/infrastructure/system/system-clock.js';
import { workerUrls } from '../../test/support/citus/cluster.js';
import { createDistributedDatabase, type TestDatabase } from '../../test/support/database.js';
import { openSql, type Sql } from '../../test/support/sql.js';
import type { Failover, Path } from './options.js';

const POOL_SIZE = 18;

/** A database on the cluster, with the adapters of a replica whose flushes go one way. */
export interface Stage {
  readonly path: Path;
  /** Returns the connection of the owner to the coordinator. */
  readonly owner: () => Sql;
  /** Connects the owner again after the coordinator was lost. @param host `host:port`, default: where it was */
  reconnectOwner(host?: string): Promise<void>;
  /** Opens the same database at other addresses, the coordinator's first. Closing it drops nothing. */
  openAt(hosts: readonly string[]): Promise<Stage>;
  readonly eventLog: EventLogCitusRepository;
  readonly actives: DailyActivesCitusRepository;
  close(): Promise<void>;
}

/** @param failover node whose URL names its standby as well */
export async function openStage(cluster: string, path: Path, failover: Failover | null): Promise<Stage> {
  const database = await createDistributedDatabase(cluster);
  const nodes = [database.ownerUrl, ...(await workerUrls(cluster))].map((url) => new URL(url).host);
  const hosts = nodes.map((node) => (node === failover?.node ? `${node},${failover.standby}` : node));
  const stage = await openDatabase(path, database, hosts);
  return {
    ...stage,
    close: async () => {
      await stage.close();
      await database.drop();
    },
  };
}

/** @param hosts `host:port` or several of one node, separated by commas; the coordinator first */
async function openDatabase(
  path: Path,
  database: Pick<TestDatabase, 'ownerUrl' | 'serviceUrl'>,
  hosts: readonly string[],
): Promise<Stage> {
  const at = (url: string, host: string): string => url.replace(new URL(url).host, host);
  const [firstHost] = (hosts[0] as string).split(',') as [string];
  const connect = (host: string): Promise<Sql> => openSql(at(database.ownerUrl, host));
  let owner = await connect(firstHost);
  const [coordinator, ...workers] = hosts.map((host) => at(database.serviceUrl, host)) as [string];
  const prisma = new PrismaService({ url: coordinator, poolSize: POOL_SIZE });
  const ingest = new IngestConnections(prisma, path === 'workers' ? workers : [], POOL_SIZE);
  return {
    path,
    owner: () => owner,
    reconnectOwner: async (host = firstHost) => {
      await owner.close();
      owner = await connect(host);
    },
    openAt: (others) => openDatabase(path, database, others),
    eventLog: new EventLogCitusRepository(prisma, new SystemClock(), ingest),
    actives: new DailyActivesCitusRepository(prisma),
    close: async () => {
      await Promise.all([ingest.onApplicationShutdown(), prisma.onApplicationShutdown(), owner.close()]);
    },
  };
}
