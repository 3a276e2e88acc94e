import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { DomainEvent } from '../../domain/events/domain-event.js';
import {
  EVENT_ID_GENERATOR,
  type IEventIdGenerator,
} from '../../domain/repositories/event-id-generator.interface.js';
import type { IEventPublisher } from '../../domain/repositories/event-publisher.interface.js';
import { publisherDroppedTotal } from '../../shared/metrics/metrics.js';
import { EVENT_TRANSPORT, type EventTransport, type OutboundMessage } from './event-transport.js';

const MAX_BUFFERED = 10_000;
const BATCH_SIZE = 1000;
const LINGER_MS = 50;

/** Best effort: a bounded buffer, sent in batches; what does not fit, or what the broker refuses, is dropped and counted. */
@Injectable()
export class EventPublisherService implements IEventPublisher, OnApplicationShutdown {
  private readonly logger = new Logger(EventPublisherService.name);
  private buffer: OutboundMessage[] = [];
  private timer: NodeJS.Timeout | null = null;
  private sending: Promise<void> = Promise.resolve();
  private failing = false;
  private stopping = false;

  constructor(
    @Inject(EVENT_TRANSPORT) private readonly transport: EventTransport,
    @Inject(EVENT_ID_GENERATOR) private readonly ids: IEventIdGenerator,
  ) {}

  offer(event: DomainEvent): void {
    if (this.buffer.length >= MAX_BUFFERED) {
      publisherDroppedTotal.inc();
      return;
    }
    this.buffer.push({
      eventId: this.ids.next(event.occurredAt).value,
      eventType: event.eventType,
      subject: event.subject,
      occurredAt: event.occurredAt,
      payload: event.toPayload(),
    });
    this.timer ??= setTimeout(() => {
      void this.flush();
    }, LINGER_MS);
  }

  /** Sends what is buffered now and waits for it. */
  async flush(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.sending = this.sending.then(() => this.sendBuffered());
    await this.sending;
  }

  /** The last requests have been answered by now, so nothing more is offered. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.flush();
    await this.transport.close();
  }

  private async sendBuffered(): Promise<void> {
    while (this.buffer.length > 0) {
      const batch = this.buffer.slice(0, BATCH_SIZE);
      try {
        await this.transport.send(batch);
        this.failing = false;
      } catch (error) {
        publisherDroppedTotal.inc(batch.length);
        if (!this.failing) this.logger.warn(`Heartbeat events are being dropped: ${String(error)}`);
        this.failing = true;
      }
      // A broker that is away must not hold up the shutdown batch by batch.
      if (this.failing && this.stopping) {
        publisherDroppedTotal.inc(this.buffer.length - batch.length);
        this.buffer = [];
      }
      // Only now: while the batch was under way its places in the buffer were taken.
      this.buffer = this.buffer.slice(batch.length);
    }
  }
}
