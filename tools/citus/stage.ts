import { EventLogCitusRepository } from '../../src/infrastructure/persistence/citus/event-log-citus.repository.js';
import { DailyActivesCitusRepository } from '../../src/infrastructure/persistence/citus/daily-actives-citus.repository.js';
import { IngestConnections } from '../../src/infrastructure/persistence/citus/ingest-connections.js';
import { PrismaService } from '../../src/infrastructure/persistence/prisma/prisma.service.js';
import { SystemClock } from '../../src/infrastructure/system/system-clock.js';
import { withDatabase } from '../../test/support/as-owner.js';
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
  /** Connects the owner again after the coordinator was lost. */
  reconnectOwner(): Promise<void>;
  readonly eventLog: EventLogCitusRepository;
  readonly actives: DailyActivesCitusRepository;
  close(): Promise<void>;
}

/** @param failover worker whose URL names its standby as well */
export async function openStage(cluster: string, path: Path, failover: Failover | null): Promise<Stage> {
  const database = await createDistributedDatabase(cluster);
  let owner = await openSql(database.ownerUrl);
  const prisma = new PrismaService({ url: database.serviceUrl, poolSize: POOL_SIZE });
  const urls = path === 'workers' ? await serviceUrlsOfWorkers(cluster, database, failover) : [];
  const ingest = new IngestConnections(prisma, urls, POOL_SIZE);
  return {
    path,
    owner: () => owner,
    reconnectOwner: async () => {
      await owner.close();
      owner = await openSql(database.ownerUrl);
    },
    eventLog: new EventLogCitusRepository(prisma, new SystemClock(), ingest),
    actives: new DailyActivesCitusRepository(prisma),
    close: async () => {
      await Promise.all([ingest.onApplicationShutdown(), prisma.onApplicationShutdown(), owner.close()]);
      await database.drop();
    },
  };
}

async function serviceUrlsOfWorkers(
  cluster: string,
  { name, serviceUrl }: TestDatabase,
  failover: Failover | null,
): Promise<string[]> {
  return (await workerUrls(cluster)).map((worker) => {
    const url = new URL(withDatabase(serviceUrl, name));
    url.host = new URL(worker).host;
    return url.host === failover?.worker
      ? url.href.replace(url.host, `${url.host},${failover.standby}`)
      : url.href;
  });
}
