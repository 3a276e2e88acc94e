import { Inject, Injectable, Optional } from '@nestjs/common';
import { CLOCK, type IClock } from '../../../application/ports/clock.port.js';
import type { IEventLogMaintenance } from '../../../application/ports/event-log-maintenance.port.js';
import { NO_TRACER, TRACER, type ITracer } from '../../../application/ports/tracer.port.js';
import type { EventLog } from '../../../domain/entities/event-log.entity.js';
import type {
  IEventLogRepository,
  InsertOutcome,
} from '../../../domain/repositories/event-log.repository.interface.js';
import { EventName } from '../../../domain/value-objects/event-name.vo.js';
import type { ActiveCount } from '../../../domain/value-objects/active-count.vo.js';
import { dayRange, listDays, type DateKey } from '../../../shared/utils/timezone.util.js';
import { wasDropped } from '../event-log/dropped-days.js';
import { DayMarks } from '../event-log/day-marks.js';
import { EventFlush } from '../event-log/event-flush.js';
import { noteTrace } from '../event-log/event-traces.js';
import { countBucketBits } from './bucket-bits-audit.js';
import { EventLogPartitions } from '../event-log/event-log-partitions.js';
import { FlushCoalescer } from '../event-log/flush-coalescer.js';
import { COALESCING } from '../event-log/coalescing.js';
import { toActiveCount, type ActiveCountRow } from '../mappers/active-count.mapper.js';
import { PrismaService } from '../prisma/prisma.service.js';
import { BUCKETS, bucketOf } from './buckets.js';
import { BucketFlushStore } from './bucket-flush-store.js';
import { IngestConnections } from './ingest-connections.js';
import { splitByBucket } from './split-by-bucket.js';

/** A small flush costs a bucket several times as much an event as a large one: docs/citus.md has the figures. */
const BUCKET_COALESCING = {
  ...COALESCING,
  concurrency: 2,
  maxWeight: COALESCING.maxWeight / 8,
  gatherMs: 20,
};

/** Counts an identity once, also one that was stored in two buckets: then the audit shows a difference. */
const TOTAL_FROM_LOG_SQL = `
SELECT 0 AS level, '' AS place, count(DISTINCT identity)::int AS n FROM (
  SELECT CASE WHEN user_id IS NULL THEN 'i:' || install_id ELSE 'u:' || user_id::text END AS identity
  FROM analytics_event_log
  WHERE event_name = $1 AND event_time >= $2::timestamptz AND event_time < $3::timestamptz
) sessions
`;

const PLACES_FROM_LOG_SQL = `
SELECT level, place, count(DISTINCT identity)::int AS n FROM (
  SELECT CASE WHEN user_id IS NULL THEN 'i:' || install_id ELSE 'u:' || user_id::text END AS identity,
         l.level, properties ->> l.key AS place
  FROM analytics_event_log, (VALUES (1, 'province'), (2, 'city')) AS l (level, key)
  WHERE event_name = $1 AND event_time >= $2::timestamptz AND event_time < $3::timestamptz
    AND jsonb_typeof(properties -> l.key) = 'string' AND properties ->> l.key <> ''
) sessions GROUP BY level, place
`;

/** Reads what erasures took out of the log, because every figure still counts it (docs/adr/0024). */
const ERASED_SQL = `
SELECT level::int AS level, place, identities::int AS n FROM analytics_erased_actives WHERE day = $1::date AND identities > 0
`;

const REMOVE_CORRECTIONS_SQL = `
WITH removed AS (
  DELETE FROM analytics_event_corrections WHERE bucket = $1::smallint AND created_at < $2::timestamptz RETURNING 1
) SELECT count(*)::int AS removed FROM removed
`;

/** Stores events on a Citus cluster, each in the bucket of its identity; docs/adr/0021. */
@Injectable()
export class EventLogCitusRepository implements IEventLogRepository, IEventLogMaintenance {
  private readonly partitions: EventLogPartitions;
  private readonly coalescers: ReadonlyMap<number, FlushCoalescer<EventLog, InsertOutcome>>;

  constructor(
    private readonly prisma: PrismaService,
    @Inject(CLOCK) clock: IClock,
    ingest: IngestConnections,
    @Optional() @Inject(TRACER) private readonly tracer: ITracer = NO_TRACER,
  ) {
    this.partitions = new EventLogPartitions(prisma, 'job', countBucketBits);
    // One mark of a replica is enough for a day, whichever bucket gains actives.
    const marks = new DayMarks(clock);
    this.coalescers = new Map(
      BUCKETS.map((bucket) => {
        const store = new BucketFlushStore(bucket, (statement) => ingest.run(bucket, statement));
        const flush = new EventFlush(prisma, store, this.partitions, marks);
        const options = { ...BUCKET_COALESCING, labels: { bucket: String(bucket) } };
        return [bucket, new FlushCoalescer((events) => flush.store(events), options)];
      }),
    );
  }

  async batchInsert(events: readonly EventLog[]): Promise<InsertOutcome[]> {
    return this.tracer.run('flush events', { attributes: { 'analytics.events': events.length } }, () => {
      noteTrace(events);
      return this.insertByBucket(events);
    });
  }

  async queryDau(day: DateKey): Promise<ActiveCount> {
    const { start, end } = dayRange(day);
    const parameters = [EventName.APP_SESSION_START.value, start.toISOString(), end.toISOString()];
    type Row = ActiveCountRow & Record<string, unknown>;
    const total = await this.prisma.longStatementForJob<Row>(TOTAL_FROM_LOG_SQL, ...parameters);
    const places = await this.prisma.longStatementForJob<Row>(PLACES_FROM_LOG_SQL, ...parameters);
    const erased = await this.prisma.longStatementForJob<Row>(ERASED_SQL, day);
    return toActiveCount(addUp([...total, ...places, ...erased]));
  }

  async wasDropped(day: DateKey): Promise<boolean> {
    return wasDropped(this.prisma, 'events', day);
  }

  /** Makes a day after the other: flushes wait for locks of a new partition until its transaction ends. */
  async ensureDays(first: DateKey, last: DateKey): Promise<void> {
    for (const day of listDays(first, last)) await this.partitions.ensureRange(day, day);
  }

  async removeCorrections(before: Date): Promise<number> {
    let removed = 0;
    for (const bucket of BUCKETS) {
      const [row] = await this.prisma.longStatementForJob<{ removed: number }>(
        REMOVE_CORRECTIONS_SQL,
        String(bucket),
        before.toISOString(),
      );
      removed += row?.removed ?? 0;
    }
    return removed;
  }

  /** Stores what can be stored: when one bucket fails, the events of the others are stored all the same. */
  private async insertByBucket(events: readonly EventLog[]): Promise<InsertOutcome[]> {
    const outcomes = new Array<InsertOutcome>(events.length).fill(false);
    const parts = splitByBucket(events, ({ dauIdentifier }) => bucketOf(dauIdentifier));
    const settled = await Promise.allSettled(
      [...parts].map(async ([bucket, positions]) => {
        const own = positions.map((position) => events[position] as EventLog);
        const stored = await (this.coalescers.get(bucket) as FlushCoalescer<EventLog, InsertOutcome>).submit(
          own,
        );
        stored.forEach((each, index) => (outcomes[positions[index] as number] = each));
      }),
    );
    for (const outcome of settled) if (outcome.status === 'rejected') throw outcome.reason;
    return outcomes;
  }
}

/** Adds the counts of the same place. */
function addUp(rows: readonly ActiveCountRow[]): ActiveCountRow[] {
  const sums = new Map<string, ActiveCountRow>();
  for (const row of rows) {
    const key = `${row.level}/${row.place}`;
    sums.set(key, { ...row, n: row.n + (sums.get(key)?.n ?? 0) });
  }
  return [...sums.values()];
}
