import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { EventPayload } from '../../domain/events/domain-event.js';
import { outboxRowsTotal } from '../../shared/metrics/metrics.js';
import { PrismaService } from '../persistence/prisma/prisma.service.js';
import { EVENT_TRANSPORT, type EventTransport } from './event-transport.js';

const BATCH_SIZE = 500;
const POLL_MS = 500;
const MAX_BACKOFF_MS = 30_000;
const MAX_BATCH_MS = 60_000;

interface OutboxRow {
  readonly sequence: bigint;
  readonly id: string;
  readonly type: string;
  readonly aggregateid: string;
  readonly payload: EventPayload;
  readonly occurred_at: Date;
}

/**
 * Moves outbox rows to the transport, at least once: rows are locked, sent, and deleted once acknowledged, in one
 * transaction, so a crash in between sends them again. Replicas share the work by skipping each other's locked rows.
 * While the transport is away rows wait in the table; nothing else waits for them.
 */
@Injectable()
export class OutboxRelay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(OutboxRelay.name);
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;
  private failures = 0;

  constructor(
    private readonly prisma: PrismaService,
    @Inject(EVENT_TRANSPORT) private readonly transport: EventTransport,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule(0);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.running;
  }

  /** Sends batch after batch until none is left. @returns how many rows were sent */
  async processAll(): Promise<number> {
    let total = 0;
    for (;;) {
      const sent = await this.processBatch();
      total += sent;
      if (sent < BATCH_SIZE || this.stopped) return total;
    }
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.tick();
    }, delayMs);
  }

  private async tick(): Promise<void> {
    try {
      await this.processAll();
      if (this.failures > 0) this.logger.log('Outbox messages are being published again');
      this.failures = 0;
      this.schedule(POLL_MS);
    } catch (error) {
      outboxRowsTotal.inc({ outcome: 'failed' });
      if (this.failures++ === 0) this.logger.warn(`Outbox messages wait, publishing fails: ${String(error)}`);
      // Jitter keeps the replicas from trying all at once.
      this.schedule(Math.min(MAX_BACKOFF_MS, POLL_MS * 2 ** this.failures) * (0.5 + Math.random() / 2));
    }
  }

  private async processBatch(): Promise<number> {
    return this.prisma.transactionForJob(async (transaction) => {
      const rows = await transaction.$queryRaw<OutboxRow[]>`
        SELECT sequence, id, type, aggregateid, payload, occurred_at FROM analytics_outbox
        ORDER BY sequence LIMIT ${BATCH_SIZE} FOR UPDATE SKIP LOCKED`;
      if (rows.length === 0) return 0;
      await this.transport.send(
        rows.map((row) => ({
          eventId: row.id,
          eventType: row.type,
          subject: row.aggregateid,
          occurredAt: row.occurred_at,
          payload: row.payload,
        })),
      );
      await transaction.outboxMessage.deleteMany({
        where: { sequence: { in: rows.map((row) => row.sequence) } },
      });
      outboxRowsTotal.inc({ outcome: 'published' }, rows.length);
      return rows.length;
    }, MAX_BATCH_MS);
  }
}
