import { Injectable, Optional } from '@nestjs/common';
import type { IOutboxLanes, OutboxLaneStatus } from '../../application/ports/outbox-lanes.port.js';
import type { EventPayload } from '../../domain/events/domain-event.js';
import { toInstant } from '../persistence/mappers/instant.js';
import { PrismaService, type PrismaSession } from '../persistence/prisma/prisma.service.js';
import { CLAIM_SQL, FAIL_SQL, SETTLE_SQL, STATUS_SQL, TAKE_SQL } from './outbox-statements.js';

/** Message that a repository wrote in the transaction of its cause. */
export interface OutboxMessage {
  readonly id: string;
  readonly type: string;
  /** Subject of the message; the messages of a subject stay in order. */
  readonly aggregateid: string;
  readonly payload: EventPayload;
  /** Instant in ISO 8601, with its zone. */
  readonly occurred_at: string;
}

export interface BatchOptions {
  readonly limit: number;
  readonly except: { has(lane: number): boolean; keys(): Iterable<number> };
  readonly eager: boolean;
}

/** Result of an attempt to publish a batch. */
export interface OutboxBatch {
  readonly lane: number;
  readonly messages: number;
  /** Error that kept the batch in the outbox; null when it was published. */
  readonly failure: unknown;
}

export type Publish = (messages: readonly OutboxMessage[], lane: number) => Promise<void>;

/** Pause after a lane was emptied, so that its next messages gather into a batch. */
export const SETTLE_MS = 400;
export const MIN_RETRY_MS = 500;
export const MAX_RETRY_MS = 15_000;
/** Limits the publishing of one batch; the transport has shorter limits. */
const MAX_BATCH_MS = 60_000;
/** Time after that limit in which a working relay ends the transaction itself; then the database ends it. */
export const GRACE_MS = 10_000;
export const MAX_ERROR_LENGTH = 500;

/** Largest limit that the statement takes. */
export const NO_LIMIT = String(2 ** 31 - 1);

export interface StatusRow {
  readonly lane: number;
  readonly waiting: number;
  readonly oldest_seconds: number | null;
  readonly published_ms: bigint | string | null;
  readonly failures: number;
  readonly last_error: string | null;
  readonly last_error_ms: bigint | string | null;
}

/** Stores the messages that wait to be published; ADR 0008 describes the lanes and their locks. */
@Injectable()
export class OutboxRepository implements IOutboxLanes {
  constructor(
    protected readonly prisma: PrismaService,
    @Optional() protected readonly maxBatchMs = MAX_BATCH_MS,
  ) {}

  /**
   * Publishes the oldest messages of a free lane and then removes them.
   * A crash in between keeps the messages, which are published again under the same ids.
   *
   * @param options `limit` bounds the batch; `except` has the lanes to skip, and may gain lanes meanwhile; `eager`
   *   ignores the pause after a lane was emptied or failed
   * @param publish gets the lane too, which stays locked until the returned promise settles
   * @returns null when no free lane has messages
   */
  async publishBatch(options: BatchOptions, publish: Publish): Promise<OutboxBatch | null> {
    return this.publishFrom(
      (transaction) => claim(transaction, options, this.maxBatchMs + GRACE_MS),
      options.limit,
      publish,
    );
  }

  /** @param claimLane locks a lane and bounds the transaction; null when there is none */
  protected async publishFrom(
    claimLane: (transaction: PrismaSession) => Promise<number | null>,
    limit: number,
    publish: Publish,
  ): Promise<OutboxBatch | null> {
    try {
      return await this.prisma.transactionForJob(async (transaction) => {
        const lane = await claimLane(transaction);
        if (lane === null) return null;
        const messages = await take(transaction, lane, limit);
        // Another relay may have emptied the lane before this transaction locked it.
        if (messages.length > 0) {
          await publish(messages, lane).catch((cause: unknown) => {
            throw new PublishingFailed(lane, messages.length, cause);
          });
        }
        await transaction.$executeRawUnsafe(SETTLE_SQL, lane, messages.length < limit ? '0 s' : null);
        return { lane, messages: messages.length, failure: null };
      }, this.maxBatchMs);
    } catch (error) {
      if (!(error instanceof PublishingFailed)) throw error;
      const { lane, messages, cause: failure } = error;
      await this.recordFailure(lane, failure);
      return { lane, messages, failure };
    }
  }

  async readStatus(countUpTo: number | null): Promise<OutboxLaneStatus[]> {
    const rows =
      countUpTo === null
        ? await this.prisma.longStatementForJob<StatusRow>(STATUS_SQL, NO_LIMIT)
        : await this.prisma.forJob((prisma) => prisma.$queryRawUnsafe<StatusRow[]>(STATUS_SQL, countUpTo));
    return rows.map(toLaneStatus);
  }

  protected async recordFailure(lane: number, failure: unknown): Promise<void> {
    await this.prisma.forJob((prisma) =>
      prisma.$executeRawUnsafe(
        FAIL_SQL,
        lane,
        String(failure).slice(0, MAX_ERROR_LENGTH),
        MIN_RETRY_MS,
        MAX_RETRY_MS,
        // Jitter spreads the next attempts of lanes that failed together.
        0.75 + Math.random() / 4,
      ),
    );
  }
}

export function toLaneStatus(row: StatusRow): OutboxLaneStatus {
  return {
    lane: row.lane,
    waiting: row.waiting,
    oldestSeconds: row.oldest_seconds,
    publishedAt: row.published_ms === null ? null : toInstant(row.published_ms),
    failures: row.failures,
    lastError: row.last_error,
    lastErrorAt: row.last_error_ms === null ? null : toInstant(row.last_error_ms),
  };
}

/** Rolls the transaction back, so that the messages stay in the outbox. */
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
  { eager, except }: BatchOptions,
  idleTimeoutMs: number,
): Promise<number | null> {
  for (;;) {
    const [row] = await transaction.$queryRawUnsafe<{ lane: number }[]>(
      CLAIM_SQL,
      eager,
      SETTLE_MS,
      [...except.keys()],
      String(idleTimeoutMs),
    );
    if (row === undefined) return null;
    // Another sender may have failed with the lane, and freed it, while the statement was on its way.
    if (!except.has(row.lane)) return row.lane;
  }
}

async function take(transaction: PrismaSession, lane: number, limit: number): Promise<OutboxMessage[]> {
  const [row] = await transaction.$queryRawUnsafe<{ messages: string }[]>(TAKE_SQL, lane, limit);
  return JSON.parse(row?.messages ?? '[]') as OutboxMessage[];
}
