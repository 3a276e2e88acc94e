import { BucketFlushStore } from '../../src/infrastructure/persistence/citus/bucket-flush-store.js';
import { BUCKETS } from '../../src/infrastructure/persistence/citus/buckets.js';
import { IngestConnections } from '../../src/infrastructure/persistence/citus/ingest-connections.js';
import type { FlushStore } from '../../src/infrastructure/persistence/event-log/flush-store.js';
import { StatementFlushStore } from '../../src/infrastructure/persistence/event-log/flush-statement.js';
import { PrismaService } from '../../src/infrastructure/persistence/prisma/prisma.service.js';
import { shanghaiDay } from '../../test/support/events.js';
import { sleep } from '../../test/support/processes.js';
import { createEvents } from '../support/bucket-events.js';
import type { CitusBenchOptions } from '../support/citus-command.js';
import { readServerCpu } from '../support/server-cpu.js';

const WARM_UP_MS = 1500;
/** The first flush of a bucket on each connection makes its plans, which costs tens of milliseconds on a node. */
const WARM_UP_FLUSHES_OF_A_BUCKET = 4;

/** A way of flushes to the database, with the servers that work for it. */
export interface FlushPath {
  readonly name: string;
  /** Service's URL of the database. */
  readonly url: string;
  /** Service's URLs of the workers that flushes go to; none for flushes through the coordinator. */
  readonly workers: readonly string[];
  readonly isDistributed: boolean;
  /** Postmasters of coordinator and workers, or of the one server. */
  readonly servers: readonly number[];
}

export interface Measured {
  readonly rowsPerSecond: number;
  /** CPU an event of each server, in microseconds. */
  readonly microseconds: readonly number[];
}

/** Stores flushes of so many rows over some seconds; on a cluster each flush is of one bucket, in turn. */
export async function measureFlushes(
  path: FlushPath,
  rows: number,
  { seconds, connections }: Pick<CitusBenchOptions, 'seconds' | 'connections'>,
): Promise<Measured> {
  const poolSize = connections + 2;
  const prisma = new PrismaService({ url: path.url, poolSize });
  const ingest = new IngestConnections(prisma, path.workers, poolSize);
  const today = shanghaiDay();
  let stored = 0;
  let turn = 0;
  let isRunning = true;
  const storeOf = (bucket: number): FlushStore =>
    path.isDistributed
      ? new BucketFlushStore(bucket, (statement) => ingest.run(bucket, statement))
      : new StatementFlushStore(prisma);
  const flush = async (): Promise<void> => {
    const bucket = BUCKETS[turn++ % BUCKETS.length] as number;
    await storeOf(bucket)
      .prepare(createEvents(rows, path.isDistributed ? bucket : null))
      .execute([today]);
    stored += rows;
  };
  const writers = Array.from({ length: connections }, async () => {
    while (isRunning) await flush();
  });
  try {
    const isWarm = (): boolean => turn >= WARM_UP_FLUSHES_OF_A_BUCKET * BUCKETS.length;
    do await Promise.race([sleep(WARM_UP_MS), Promise.all(writers)]);
    while (!isWarm());
    const before = await readAll(path.servers);
    const [from, start] = [stored, performance.now()];
    await Promise.race([sleep(seconds * 1000), Promise.all(writers)]);
    const [events, took] = [stored - from, performance.now() - start];
    const after = await readAll(path.servers);
    return {
      rowsPerSecond: (events / took) * 1000,
      microseconds: after.map((cpu, i) => (cpu - (before[i] ?? 0)) / events),
    };
  } finally {
    isRunning = false;
    await Promise.allSettled(writers);
    await ingest.onApplicationShutdown();
    await prisma.onApplicationShutdown();
  }
}

const readAll = (servers: readonly number[]): Promise<number[]> => Promise.all(servers.map(readServerCpu));
