import { Injectable, Optional } from '@nestjs/common';
import type { EventPayload } from '../../domain/events/domain-event.js';
import { PrismaService, type PrismaSession } from '../persistence/prisma/prisma.service.js';

/** A message as a repository wrote it beside what it tells of. */
export interface OutboxMessage {
  readonly id: string;
  readonly type: string;
  /** The subject, whose order is kept. */
  readonly aggregateid: string;
  readonly payload: EventPayload;
  /** ISO 8601 with its zone. */
  readonly occurred_at: string;
}

/** What became of a batch. */
export interface OutboxBatch {
  readonly lane: number;
  readonly messages: number;
  /** Why it was not published; its messages wait. */
  readonly failure: unknown;
}

export interface OutboxLaneStatus {
  readonly lane: number;
  readonly waiting: number;
  /** How long its oldest message has been waiting, by the database's clock. Null: none waits. */
  readonly oldestSeconds: number | null;
  readonly publishedAt: Date | null;
  /** Failed attempts since a batch was last published. */
  readonly failures: number;
  readonly lastError: string | null;
  readonly lastErrorAt: Date | null;
}

/** A lane that was emptied is left alone for this long, so that messages go in batches and not one by one. */
const SETTLE_MS = 400;
const MIN_RETRY_MS = 500;
const MAX_RETRY_MS = 15_000;
/** For publishing one batch, which the transport bounds more closely. */
const MAX_BATCH_MS = 60_000;
/** Then the database itself ends the transaction: of a relay that was frozen, or whose host has gone without a word. */
const GRACE_MS = 10_000;
const MAX_ERROR_LENGTH = 500;

/** The lane that has waited longest for its turn; one in another relay's hands is passed over. */
const CLAIM_SQL = `
SELECT l.lane::int AS lane, set_config('idle_in_transaction_session_timeout', $4, true) AS bounded
FROM analytics_outbox_lanes l
WHERE ($1::boolean OR ((l.emptied_at IS NULL OR l.emptied_at <= clock_timestamp() - make_interval(secs => $2::float8 / 1000))
                       AND (l.retry_at IS NULL OR l.retry_at <= clock_timestamp())))
  AND l.lane <> ALL ($3::smallint[])
  AND EXISTS (SELECT FROM analytics_outbox o WHERE o.lane = l.lane)
ORDER BY greatest(l.published_at, l.last_error_at) NULLS FIRST, l.lane
LIMIT 1 FOR UPDATE OF l SKIP LOCKED
`;

/**
 * Removes the oldest messages of a lane and answers them, which counts once it is committed. In one text, because a
 * thousand rows cost the client more to decode than all the rest of the batch.
 */
const TAKE_SQL = `
WITH taken AS (
  DELETE FROM analytics_outbox WHERE lane = $1::smallint AND sequence = ANY (ARRAY(
    SELECT sequence FROM analytics_outbox WHERE lane = $1::smallint ORDER BY sequence LIMIT $2::int))
  RETURNING sequence, id, type, aggregateid, payload, occurred_at
)
SELECT coalesce(json_agg(json_build_object('id', id, 'type', type, 'aggregateid', aggregateid, 'payload', payload,
         'occurred_at', occurred_at) ORDER BY sequence), '[]')::text AS messages
FROM taken
`;

const SETTLE_SQL = `
UPDATE analytics_outbox_lanes SET published_at = clock_timestamp(), failures = 0, retry_at = NULL,
  emptied_at = CASE WHEN $2::boolean THEN clock_timestamp() END
WHERE lane = $1::smallint
`;

const FAIL_SQL = `
UPDATE analytics_outbox_lanes SET failures = failures + 1, last_error = $2, last_error_at = clock_timestamp(),
  retry_at = clock_timestamp()
    + make_interval(secs => least($3::float8 * 2 ^ least(failures, 20), $4::float8) / 1000 * $5::float8)
WHERE lane = $1::smallint
`;

const STATUS_SQL = `
SELECT l.lane::int AS lane, l.published_at, l.failures, l.last_error, l.last_error_at,
  (SELECT count(*) FROM (SELECT FROM analytics_outbox o WHERE o.lane = l.lane LIMIT $1::int) AS counted)::int AS waiting,
  (SELECT extract(epoch FROM clock_timestamp() - o.created_at)::float8 FROM analytics_outbox o
   WHERE o.lane = l.lane ORDER BY o.sequence LIMIT 1) AS oldest_seconds
FROM analytics_outbox_lanes l ORDER BY l.lane
`;

/**
 * The messages that wait to be published. A subject's are all in one of eight lanes, and a lane is held by one relay at
 * a time, hence in order. Its row is locked, in the transaction that removes what was published: a relay that dies lets
 * go of it by itself, and one that is frozen has it taken away.
 */
@Injectable()
export class OutboxRepository {
  constructor(
    private readonly prisma: PrismaService,
    /** For publishing one batch; then its lane is free again, whatever has become of who held it. */
    @Optional() private readonly maxBatchMs = MAX_BATCH_MS,
  ) {}

  /**
   * Has the oldest messages of a free lane published, and removes them once they are. A crash in between leaves them:
   * they are published again, under the same ids.
   *
   * @param options `limit` bounds the batch; `except` names lanes to leave alone; `eager` disregards that a lane was
   *   emptied or failed only just now
   * @returns null when no lane is free that has messages
   */
  async publishBatch(
    options: { readonly limit: number; readonly except: readonly number[]; readonly eager: boolean },
    publish: (messages: readonly OutboxMessage[]) => Promise<void>,
  ): Promise<OutboxBatch | null> {
    try {
      return await this.prisma.transactionForJob(async (transaction) => {
        const lane = await claim(transaction, options, this.maxBatchMs + GRACE_MS);
        if (lane === null) return null;
        const messages = await take(transaction, lane, options.limit);
        // Another relay may have emptied it between the look at it and the lock.
        if (messages.length > 0) {
          await publish(messages).catch((cause: unknown) => {
            throw new PublishingFailed(lane, messages.length, cause);
          });
        }
        await transaction.$executeRawUnsafe(SETTLE_SQL, lane, messages.length < options.limit);
        return { lane, messages: messages.length, failure: null };
      }, this.maxBatchMs);
    } catch (error) {
      if (!(error instanceof PublishingFailed)) throw error;
      const { lane, messages, cause: failure } = error;
      await this.remember(lane, failure);
      return { lane, messages, failure };
    }
  }

  /** How each lane is doing. @param countUpTo more messages of a lane than that are not counted; null: all are */
  async status(countUpTo: number | null): Promise<OutboxLaneStatus[]> {
    const rows = await this.prisma.forJob((prisma) =>
      prisma.$queryRawUnsafe<
        {
          lane: number;
          waiting: number;
          oldest_seconds: number | null;
          published_at: Date | null;
          failures: number;
          last_error: string | null;
          last_error_at: Date | null;
        }[]
      >(STATUS_SQL, countUpTo),
    );
    return rows.map((row) => ({
      lane: row.lane,
      waiting: row.waiting,
      oldestSeconds: row.oldest_seconds,
      publishedAt: row.published_at,
      failures: row.failures,
      lastError: row.last_error,
      lastErrorAt: row.last_error_at,
    }));
  }

  private async remember(lane: number, failure: unknown): Promise<void> {
    await this.prisma.forJob((prisma) =>
      prisma.$executeRawUnsafe(
        FAIL_SQL,
        lane,
        String(failure).slice(0, MAX_ERROR_LENGTH),
        MIN_RETRY_MS,
        MAX_RETRY_MS,
        // Jitter: what failed together must not be tried together.
        0.75 + Math.random() / 4,
      ),
    );
  }
}

/** Takes the removal back, which is what a transaction does for whatever is thrown. */
class PublishingFailed extends Error {
  override readonly name = 'PublishingFailed';

  constructor(
    readonly lane: number,
    readonly messages: number,
    override readonly cause: unknown,
  ) {
    super('Publishing failed');
  }
}

async function claim(
  transaction: PrismaSession,
  { eager, except }: { readonly eager: boolean; readonly except: readonly number[] },
  idleTimeoutMs: number,
): Promise<number | null> {
  const [row] = await transaction.$queryRawUnsafe<{ lane: number }[]>(
    CLAIM_SQL,
    eager,
    SETTLE_MS,
    except,
    String(idleTimeoutMs),
  );
  return row?.lane ?? null;
}

async function take(transaction: PrismaSession, lane: number, limit: number): Promise<OutboxMessage[]> {
  const [row] = await transaction.$queryRawUnsafe<{ messages: string }[]>(TAKE_SQL, lane, limit);
  return JSON.parse(row?.messages ?? '[]') as OutboxMessage[];
}
