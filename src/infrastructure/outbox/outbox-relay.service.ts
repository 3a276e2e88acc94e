import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { outboxOldestSeconds, outboxRowsTotal, outboxWaitingRows } from '../../shared/metrics/metrics.js';
import { endsWithin } from '../../shared/utils/timeout.util.js';
import { OutboxRepository, type OutboxMessage } from './outbox.repository.js';
import { backoffMs } from '../system/backoff.js';
import {
  EVENT_TRANSPORT,
  type EventChannel,
  type EventTransport,
  type OutboundMessage,
} from './event-transport.js';

const BATCH_SIZE = 1000;
/** While one waits for Kafka the other reads. */
const SENDERS = 2;
const POLL_MS = 500;
const MAX_BACKOFF_MS = 15_000;
const MEASURE_MS = 10_000;
/** A batch takes milliseconds, unless Kafka does not answer. */
const STOP_TIMEOUT_MS = 1500;
const CUT_TIMEOUT_MS = 500;
/** Of each of the eight lanes; beyond it the exact number no longer matters. */
const COUNT_UP_TO = 125_000;

/**
 * Moves outbox messages to the transport, at least once and each subject in order, beside any number of other
 * replicas. While the transport is away messages wait in the table; nothing else waits for them.
 */
@Injectable()
export class OutboxRelay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(OutboxRelay.name);
  private readonly channels: readonly EventChannel[];
  /** Publishing fails, and the log says so. */
  private failing = false;
  private timer: NodeJS.Timeout | null = null;
  private meter: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();
  private measuring: Promise<void> | null = null;
  private stopped = false;
  /** Passes in a row that the database did not let end. */
  private brokenPasses = 0;

  constructor(
    private readonly outbox: OutboxRepository,
    @Inject(EVENT_TRANSPORT) transport: EventTransport,
  ) {
    this.channels = Array.from({ length: SENDERS }, () => transport.openChannel());
  }

  onApplicationBootstrap(): void {
    this.schedule(0);
    const measure = (): void => {
      this.measuring ??= this.measure().finally(() => (this.measuring = null));
    };
    this.meter = setInterval(measure, MEASURE_MS);
    measure();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    if (this.meter !== null) clearInterval(this.meter);
    const work = Promise.all([this.running, this.measuring]);
    const ended = await endsWithin(work, STOP_TIMEOUT_MS);
    // What is cut off fails, and stays in the outbox.
    await Promise.all(this.channels.map((channel) => channel.close()));
    if (!ended) await endsWithin(work, CUT_TIMEOUT_MS);
  }

  /**
   * Publishes batch after batch until no lane is left, also what a pass of its own would leave for a moment.
   *
   * @returns how many messages were published
   * @throws the database's error, or, when none of the lanes it tried could be published, the reason of the first
   */
  async processAll(): Promise<number> {
    const { published, failures } = await this.work(true);
    if (published === 0 && failures.length > 0) throw failures[0];
    return published;
  }

  /**
   * A lane that fails is left to a later pass, the others go on.
   *
   * @param eager takes also lanes that were emptied or failed only just now
   * @throws the database's error
   */
  private async work(eager: boolean): Promise<{ published: number; failures: unknown[] }> {
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

  /** @param failed lanes to leave alone in this pass; those that fail now are added */
  private async drain(channel: EventChannel, failed: Map<number, unknown>, eager: boolean): Promise<number> {
    let total = 0;
    while (!this.stopped) {
      const batch = await this.outbox.publishBatch(
        { limit: BATCH_SIZE, except: [...failed.keys()], eager },
        (messages) => channel.send(messages.map(toOutbound)),
      );
      if (batch === null) break;
      if (batch.failure === null) {
        total += batch.messages;
        outboxRowsTotal.inc({ outcome: 'published' }, batch.messages);
      } else {
        failed.set(batch.lane, batch.failure);
        outboxRowsTotal.inc({ outcome: 'failed' });
      }
    }
    return total;
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.pass();
    }, delayMs);
  }

  /** Failures of publishing are kept with their lanes, which also say when to try again. */
  private async pass(): Promise<void> {
    try {
      const { published, failures } = await this.work(false);
      this.tell(published, failures);
      this.brokenPasses = 0;
      this.schedule(POLL_MS);
    } catch (error) {
      if (this.brokenPasses++ === 0) this.logger.warn(`The outbox cannot be read: ${String(error)}`);
      this.schedule(backoffMs(this.brokenPasses, { minMs: POLL_MS, maxMs: MAX_BACKOFF_MS }));
    }
  }

  /** Once an outage, not once an attempt. */
  private tell(published: number, failures: readonly unknown[]): void {
    if (failures.length > 0 && !this.failing) {
      this.logger.warn(`Outbox messages wait, publishing fails: ${String(failures[0])}`);
      this.failing = true;
    } else if (failures.length === 0 && published > 0 && this.failing) {
      this.logger.log('Outbox messages are being published again');
      this.failing = false;
    }
  }

  private async measure(): Promise<void> {
    try {
      const lanes = await this.outbox.status(COUNT_UP_TO);
      outboxWaitingRows.set(lanes.reduce((sum, { waiting }) => sum + waiting, 0));
      outboxOldestSeconds.set(Math.max(0, ...lanes.map(({ oldestSeconds }) => oldestSeconds ?? 0)));
      // Another replica may have published what failed here.
      if (lanes.every(({ failures }) => failures === 0)) this.failing = false;
    } catch (error) {
      // The relay itself says that the database is away.
      outboxWaitingRows.set(NaN);
      outboxOldestSeconds.set(NaN);
      this.logger.debug(`The outbox cannot be measured: ${String(error)}`);
    }
  }
}

function toOutbound(message: OutboxMessage): OutboundMessage {
  return {
    eventId: message.id,
    eventType: message.type,
    subject: message.aggregateid,
    occurredAt: new Date(message.occurred_at),
    payload: message.payload,
  };
}
