import { Injectable } from '@nestjs/common';
import type { OutboxLaneStatus } from '../../application/ports/outbox-lanes.port.js';
import {
  GRACE_MS,
  MAX_ERROR_LENGTH,
  MAX_RETRY_MS,
  MIN_RETRY_MS,
  NO_LIMIT,
  OutboxRepository,
  SETTLE_MS,
  toLaneStatus,
  type BatchOptions,
  type OutboxBatch,
  type Publish,
  type StatusRow,
} from './outbox.repository.js';
import type { PrismaSession } from '../persistence/prisma/prisma.service.js';
import { BUCKETS } from '../persistence/citus/buckets.js';

const DUE = `
  ($1::boolean OR ((l.emptied_at IS NULL OR l.emptied_at <= clock_timestamp() - make_interval(secs => $2::float8 / 1000))
                   AND (l.retry_at IS NULL OR l.retry_at <= clock_timestamp())))`;

/** Lists the lanes that have messages and whose turn it is, on all nodes. */
const DUE_LANES_SQL = `
SELECT l.lane::int AS lane FROM analytics_outbox_lanes l
WHERE ${DUE} AND EXISTS (SELECT FROM analytics_outbox o WHERE o.lane = l.lane)
ORDER BY greatest(l.published_at, l.last_error_at) NULLS FIRST, l.lane
`;

/** Locks one lane; SKIP LOCKED needs a statement that runs on one node. */
const CLAIM_LANE_SQL = `
SELECT l.lane::int AS lane FROM analytics_outbox_lanes l
WHERE l.lane = $3::smallint AND ${DUE} AND EXISTS (SELECT FROM analytics_outbox o WHERE o.lane = $3::smallint)
FOR UPDATE OF l SKIP LOCKED
`;

const BOUND_SQL = `SELECT set_config('idle_in_transaction_session_timeout', $1, true) AS bounded`;

const STATUS_SQL = `
SELECT l.lane::int AS lane, l.failures, l.last_error,
  (extract(epoch FROM l.published_at) * 1000)::bigint AS published_ms,
  (extract(epoch FROM l.last_error_at) * 1000)::bigint AS last_error_ms,
  (SELECT count(*) FROM (SELECT FROM analytics_outbox o WHERE o.lane = $2::smallint LIMIT $1::int) AS counted)::int AS waiting,
  (SELECT extract(epoch FROM clock_timestamp() - o.created_at)::float8 FROM analytics_outbox o
   WHERE o.lane = $2::smallint ORDER BY o.sequence LIMIT 1) AS oldest_seconds
FROM analytics_outbox_lanes l WHERE l.lane = $2::smallint
`;

const FAILURES_SQL = 'SELECT failures FROM analytics_outbox_lanes WHERE lane = $1::smallint';

/** Takes the pause as a parameter: a cluster refuses a time that is calculated from a column. */
const FAIL_SQL = `
UPDATE analytics_outbox_lanes SET failures = failures + 1, last_error = $2, last_error_at = statement_timestamp(),
  retry_at = statement_timestamp() + $3::text::interval
WHERE lane = $1::smallint
`;

/** The outbox of a Citus cluster: each bucket is a lane, and a lane is locked, read and settled on its node. */
@Injectable()
export class OutboxCitusRepository extends OutboxRepository {
  override async publishBatch(options: BatchOptions, publish: Publish): Promise<OutboxBatch | null> {
    const failures: unknown[] = [];
    for (const lane of await this.listLanes(options)) {
      try {
        const batch = await this.publishFrom(
          (each) => this.claimLane(each, lane, options),
          options.limit,
          publish,
        );
        if (batch !== null) return batch;
      } catch (error) {
        // A lost node keeps the messages of its lanes; those of the others go on.
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return null;
  }

  override async readStatus(countUpTo: number | null): Promise<OutboxLaneStatus[]> {
    const lanes: OutboxLaneStatus[] = [];
    for (const lane of BUCKETS) {
      const [row] = await this.prisma.forJob((prisma) =>
        prisma.$queryRawUnsafe<StatusRow[]>(STATUS_SQL, countUpTo ?? Number(NO_LIMIT), lane),
      );
      if (row !== undefined) lanes.push(toLaneStatus(row));
    }
    return lanes;
  }

  protected override async recordFailure(lane: number, failure: unknown): Promise<void> {
    await this.prisma.forJob(async (prisma) => {
      const [row] = await prisma.$queryRawUnsafe<{ failures: number }[]>(FAILURES_SQL, lane);
      // Jitter spreads the next attempts of lanes that failed together.
      const pauseMs =
        Math.min(MIN_RETRY_MS * 2 ** Math.min(row?.failures ?? 0, 20), MAX_RETRY_MS) *
        (0.75 + Math.random() / 4);
      const error = String(failure).slice(0, MAX_ERROR_LENGTH);
      await prisma.$executeRawUnsafe(FAIL_SQL, lane, error, `${pauseMs} milliseconds`);
    });
  }

  /** Returns all lanes when one node does not answer, because the statement needs every node. */
  private async listLanes({ eager, except }: BatchOptions): Promise<number[]> {
    let lanes: readonly number[] = BUCKETS;
    try {
      const rows = await this.prisma.forJob((prisma) =>
        prisma.$queryRawUnsafe<{ lane: number }[]>(DUE_LANES_SQL, eager, SETTLE_MS),
      );
      lanes = rows.map(({ lane }) => lane);
    } catch {
      // Each lane tells for itself whether its node answers.
    }
    return lanes.filter((lane) => !except.has(lane));
  }

  private async claimLane(
    transaction: PrismaSession,
    lane: number,
    { eager }: BatchOptions,
  ): Promise<number | null> {
    await transaction.$queryRawUnsafe(BOUND_SQL, String(this.maxBatchMs + GRACE_MS));
    const rows = await transaction.$queryRawUnsafe<{ lane: number }[]>(
      CLAIM_LANE_SQL,
      eager,
      SETTLE_MS,
      lane,
    );
    return rows[0]?.lane ?? null;
  }
}
