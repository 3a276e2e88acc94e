import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { BackgroundWork } from '../../application/ports/background-work.port.js';
import { outboxRowsTotal } from '../../shared/metrics/metrics.js';
import { endsWithin } from '../../shared/utils/timeout.util.js';
import { fromStoredPayload } from './message-trace.js';
import { OutboxMeter } from './outbox-meter.js';
import { OutboxRepository, type OutboxMessage } from './outbox.repository.js';
import { backoffMs } from '../system/backoff.js';
import {
  EVENT_TRANSPORT,
  type EventChannel,
  type EventTransport,
  type OutboundMessage,
} from './event-transport.js';

const BATCH_SIZE = 1000;
/** Overlaps the reading of one batch with the acknowledgement of another. */
const SENDERS = 2;
const POLL_MS = 500;
const MAX_BACKOFF_MS = 15_000;
/** Exceeds the milliseconds of a batch; only an unavailable Kafka takes longer. */
const STOP_TIMEOUT_MS = 1500;
const CUT_TIMEOUT_MS = 500;

/**
 * Moves outbox messages to the transport, at least once and each subject in order; all replicas run one.
 * Messages wait in the table while the transport is unavailable, and nothing else waits for them.
 */
@Injectable()
export class OutboxRelay implements BackgroundWork, BeforeApplicationShutdown {
  private readonly logger = new Logger(OutboxRelay.name);
  private readonly channels: readonly EventChannel[];
  private readonly meter: OutboxMeter;
  /** True from the logged failure to the logged recovery. */
  private failing = false;
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;
  /** Number of consecutive passes that ended with a database error. */
  private brokenPasses = 0;

  constructor(
    private readonly outbox: OutboxRepository,
    @Inject(EVENT_TRANSPORT) transport: EventTransport,
  ) {
    this.channels = Array.from({ length: SENDERS }, () => transport.openChannel());
    // Another replica may have published the messages that failed here.
    this.meter = new OutboxMeter(outbox, () => {
      this.failing = false;
    });
  }

  startWork(): void {
    this.schedule(0);
    this.meter.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    const work = Promise.all([this.running, this.meter.stop()]);
    const ended = await endsWithin(work, STOP_TIMEOUT_MS);
    // A batch that is cut off fails and stays in the outbox.
    await Promise.all(this.channels.map((channel) => channel.close()));
    if (!ended) await endsWithin(work, CUT_TIMEOUT_MS);
  }

  /**
   * Publishes batch after batch until every lane is empty or has failed, without the pauses of the regular passes.
   *
   * @returns the number of published messages
   * @throws the database's error, or the first lane's error when no lane could be published
   */
  async processAll(): Promise<number> {
    const { published, failures } = await this.drainAll(true);
    if (published === 0 && failures.length > 0) throw failures[0];
    return published;
  }

  /**
   * Leaves a lane that fails to a later pass and continues with the others.
   *
   * @param eager ignores the pause after a lane was emptied or failed
   * @throws the database's error
   */
  private async drainAll(eager: boolean): Promise<{ published: number; failures: unknown[] }> {
    const failed = new Map<number, unknown>();
    const drained = await Promise.allSettled(
      this.channels.map((channel) => this.drain(channel, failed, eager)),
    );
    let published = 0;
    for (const each of drained) {
      if (each.status === 'rejected') throw each.reason;
      published += each.value;
    }
    return { published, failures: [...failed.values()] };
  }

  /** @param failed collects the lanes that fail; they are skipped for the rest of the pass */
  private async drain(channel: EventChannel, failed: Map<number, unknown>, eager: boolean): Promise<number> {
    let total = 0;
    while (!this.stopped) {
      const batch = await this.outbox.publishBatch(
        { limit: BATCH_SIZE, except: failed, eager },
        (messages, lane) =>
          channel.send(messages.map(toOutbound)).catch((error: unknown) => {
            // Known before the lane is free again, so that the other sender does not take it.
            failed.set(lane, error);
            throw error;
          }),
      );
      if (batch === null) break;
      if (batch.failure === null) {
        total += batch.messages;
        outboxRowsTotal.inc({ outcome: 'published' }, batch.messages);
      } else {
        outboxRowsTotal.inc({ outcome: 'failed' });
      }
    }
    return total;
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.runPass();
    }, delayMs);
  }

  /** Runs one regular pass. The lanes themselves record failures of publishing and the next attempt. */
  private async runPass(): Promise<void> {
    try {
      const { published, failures } = await this.drainAll(false);
      this.logOutage(published, failures);
      this.brokenPasses = 0;
      this.schedule(POLL_MS);
    } catch (error) {
      if (this.brokenPasses++ === 0) this.logger.warn(`The outbox cannot be read: ${String(error)}`);
      this.schedule(backoffMs(this.brokenPasses, { minMs: POLL_MS, maxMs: MAX_BACKOFF_MS }));
    }
  }

  /** Logs each outage once, not once an attempt. */
  private logOutage(published: number, failures: readonly unknown[]): void {
    if (failures.length > 0 && !this.failing) {
      this.logger.warn(`Outbox messages wait, publishing fails: ${String(failures[0])}`);
      this.failing = true;
    } else if (failures.length === 0 && published > 0 && this.failing) {
      this.logger.log('Outbox messages are being published again');
      this.failing = false;
    }
  }
}

function toOutbound(message: OutboxMessage): OutboundMessage {
  return {
    eventId: message.id,
    eventType: message.type,
    subject: message.aggregateid,
    occurredAt: new Date(message.occurred_at),
    ...fromStoredPayload(message.payload),
  };
}
