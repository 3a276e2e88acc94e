import { Logger } from '@nestjs/common';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { settleWithin } from '../../../shared/utils/timeout.util.js';
import { isConnectionLost } from '../prisma/database-errors.js';
import { PrismaService } from '../prisma/prisma.service.js';
import { BucketHomes, type Placement } from './bucket-homes.js';
import { BUCKETS } from './buckets.js';
import { FlushSlots } from './flush-slots.js';

/** Lists the node of each bucket beside the node that answers; each node of the cluster knows all placements. */
const PLACEMENTS_SQL = `
SELECT b.bucket::int AS bucket, p.groupid AS home, own.groupid AS own
FROM pg_dist_local_group own CROSS JOIN unnest($1::smallint[]) AS b (bucket)
JOIN pg_dist_placement p ON p.shardid = get_shard_id_for_distribution_column('analytics_event_log', b.bucket)
`;

/** Finds moved shards; a flush that reaches the former node is stored all the same, by way of the new one. */
const REFRESH_MS = 10_000;
/** Limits how often a lost node leads to a reading; the flushes of a moment share one. */
const MIN_REFRESH_MS = 500;
/** Bounds an answer: a late one must not undo what a later reading has told. The first reading makes connections. */
const FIRST_READ_WITHIN_MS = 2000;
const READ_WITHIN_MS = 500;

/** Connections of each pool that flushes leave to reads and probes. */
const SPARE_CONNECTIONS = 2;

/** A reading of all nodes, any of which knows every place. */
interface Reading {
  /** Resolves at the first answer, or within {@link READ_WITHIN_MS} without one. */
  readonly first: Promise<void>;
  readonly all: Promise<void>;
}

/** Leads flushes to the nodes of their buckets where these are configured, else to the coordinator. */
export class IngestConnections {
  private readonly logger = new Logger(IngestConnections.name);
  private readonly nodes: readonly PrismaService[];
  private readonly slots: ReadonlyMap<PrismaService, FlushSlots>;
  private readonly homes = new BucketHomes<PrismaService>();
  private readAt = -Infinity;
  private readForLossAt = -Infinity;
  private reading: Reading | null = null;

  /** @param urls databases of the workers, none for flushes through the coordinator */
  constructor(
    private readonly coordinator: PrismaService,
    urls: readonly string[],
    poolSize: number,
  ) {
    this.nodes = urls.map(
      (url, index) => new PrismaService({ url, poolSize, poolPrefix: `worker_${index + 1}_` }),
    );
    const count = Math.max(1, poolSize - SPARE_CONNECTIONS);
    this.slots = new Map(
      [coordinator, ...this.nodes].map((node) => [node, new FlushSlots(count, isUnanswered)]),
    );
  }

  /**
   * Runs a statement of a flush on the node of its bucket, as soon as that node has a connection for it.
   * Repeats it when the bucket has left a node that is lost: a repeat stores nothing twice.
   *
   * @throws ApplicationException `database_unavailable`, `database_too_slow`, `overloaded`
   */
  async run<T>(bucket: number, statement: (node: PrismaService) => Promise<T>): Promise<T> {
    const run = (node: PrismaService): Promise<T> =>
      (this.slots.get(node) as FlushSlots).run(bucket, () => statement(node));
    const node = this.findNode(bucket);
    try {
      return await run(node);
    } catch (error) {
      if (!isLoss(error)) throw error;
      const next = await this.findNextNode(bucket, node);
      if (next === null) throw error;
      return run(next);
    }
  }

  /** Asks every node for the places of the buckets, and takes each answer as it comes. */
  async readPlaces(): Promise<void> {
    await this.startReading().all;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.onApplicationShutdown()));
  }

  /**
   * Returns the node that has the bucket, as far as it is known; else the coordinator, which knows. Waits for no
   * reading: a frozen node would hold up the buckets of the others.
   */
  private findNode(bucket: number): PrismaService {
    if (performance.now() - this.readAt >= REFRESH_MS) this.startReading();
    return this.homes.get(bucket) ?? this.coordinator;
  }

  /** Returns the node to which a bucket of a lost node was moved since the last reading; null if it was not. */
  private async findNextNode(bucket: number, lost: PrismaService): Promise<PrismaService | null> {
    if (lost === this.coordinator) return null;
    if (performance.now() - this.readForLossAt >= MIN_REFRESH_MS) {
      this.readForLossAt = performance.now();
      this.startReading();
    }
    await this.reading?.first;
    const home = this.homes.get(bucket) ?? this.coordinator;
    return home === lost ? null : home;
  }

  private startReading(): Reading {
    return (this.reading ??= this.read());
  }

  private read(): Reading {
    const answers = this.nodes.map((node) => this.readNode(node));
    const first = settleWithin(Promise.any(answers), READ_WITHIN_MS).catch(() => undefined);
    const all = Promise.allSettled(answers).then(() => {
      this.readAt = performance.now();
      this.reading = null;
    });
    return { first, all };
  }

  /** @throws when the node does not answer */
  private async readNode(node: PrismaService): Promise<void> {
    try {
      const placements = node.statementForRequest<Placement>(PLACEMENTS_SQL, `{${BUCKETS.join()}}`);
      const withinMs = this.readAt === -Infinity ? FIRST_READ_WITHIN_MS : READ_WITHIN_MS;
      this.homes.learn(node, await settleWithin(placements, withinMs));
    } catch (error) {
      this.logger.warn(`A node of DATABASE_INGEST_URLS does not answer: ${String(error)}`);
      throw error;
    }
  }
}

function isUnanswered(error: unknown): boolean {
  return isLoss(error) || (error instanceof ApplicationException && error.code === 'database_too_slow');
}

/** A statement that the node has answered, as with a lock timeout, may succeed there later: the node is not lost. */
function isLoss(error: unknown): boolean {
  return (
    error instanceof ApplicationException &&
    error.code === 'database_unavailable' &&
    isConnectionLost(error.cause)
  );
}
