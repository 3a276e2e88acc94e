import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { DomainEvent } from '../../domain/events/domain-event.js';
import {
  EVENT_ID_GENERATOR,
  type IEventIdGenerator,
} from '../../application/ports/event-id-generator.port.js';
import type { IEventPublisher, ReservedPlaces } from '../../application/ports/event-publisher.port.js';
import { currentTrace } from '../../shared/context/work-context.js';
import { publisherDroppedTotal } from '../../shared/metrics/metrics.js';
import { PUBLISHER_ROOM_TIMEOUT_MS } from '../../shared/rules/request-budget.rule.js';
import { formatTraceparent, type TraceContext } from '../../shared/rules/traceparent.rule.js';
import { endsWithin } from '../../shared/utils/timeout.util.js';
import {
  EVENT_TRANSPORT,
  type EventChannel,
  type EventTransport,
  type OutboundMessage,
} from '../outbox/event-transport.js';
import { GroupPlaces } from './group-places.js';

export const EVENT_PUBLISHER_CAPACITY = Symbol('EventPublisherCapacity');

const BATCH_SIZE = 1000;
/** Gathers events, because compressing a few messages for each partition costs more than making them. */
const LINGER_MS = 200;
/** Bounds the shutdown: heartbeats are best effort. */
const STOP_TIMEOUT_MS = 1000;
/** Time without an answer after which a broker counts as taking nothing, so that nobody waits for it. */
const STALLED_AFTER_MS = 2000;

/**
 * Publishes best-effort events from a bounded buffer. Drops and counts single events that do not fit and events that
 * the broker does not take; groups wait for room, and leave half of the buffer to single events (docs/adr/0034).
 */
@Injectable()
export class EventPublisherService implements IEventPublisher, OnApplicationShutdown {
  private readonly logger = new Logger(EventPublisherService.name);
  private readonly channel: EventChannel;
  private readonly groups: GroupPlaces;
  private buffer: OutboundMessage[] = [];
  private timer: NodeJS.Timeout | null = null;
  private sending: Promise<void> | null = null;
  private sendingSinceMs = 0;
  private failing = false;
  private stopping = false;
  private closed = false;

  /** @param capacity limits the events that wait */
  constructor(
    @Inject(EVENT_TRANSPORT) transport: EventTransport,
    @Inject(EVENT_ID_GENERATOR) private readonly ids: IEventIdGenerator,
    @Inject(EVENT_PUBLISHER_CAPACITY) private readonly capacity: number,
  ) {
    this.channel = transport.openChannel();
    this.groups = new GroupPlaces(capacity / 2, () => this.buffer.length, PUBLISHER_ROOM_TIMEOUT_MS);
  }

  offer(event: DomainEvent): void {
    if (this.buffer.length + this.groups.announced >= this.capacity) {
      publisherDroppedTotal.inc();
      return;
    }
    this.buffer.push(this.toMessage(event, currentTrace()));
    this.schedule();
  }

  async reserve(count: number): Promise<ReservedPlaces> {
    if (count === 0 || !this.isTaking()) return this.unreserved();
    await this.groups.take(count);
    let left = count;
    const giveBack = (places: number): void => {
      left -= places;
      this.groups.giveBack(places);
    };
    return {
      publish: (events) => {
        const trace = currentTrace();
        for (const event of events) this.buffer.push(this.toMessage(event, trace));
        giveBack(events.length);
        this.schedule();
      },
      release: () => {
        if (left > 0) giveBack(left);
      },
    };
  }

  /** Sends all buffered events and waits for the acknowledgements. */
  async flush(): Promise<void> {
    while (this.buffer.length > 0 && !this.closed) await this.send();
  }

  /** Runs after the last request was answered, so no event is offered any more. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await endsWithin(this.flush(), STOP_TIMEOUT_MS);
    this.closed = true;
    await this.channel.close();
  }

  /** Places while the broker takes nothing: events that do not fit are dropped and counted. */
  private unreserved(): ReservedPlaces {
    return {
      publish: (events) => {
        for (const event of events) this.offer(event);
      },
      release: () => undefined,
    };
  }

  private isTaking(): boolean {
    if (this.failing) return false;
    return this.sending === null || performance.now() - this.sendingSinceMs < STALLED_AFTER_MS;
  }

  private toMessage(event: DomainEvent, trace: TraceContext | null): OutboundMessage {
    return {
      eventId: this.ids.next(event.occurredAt).value,
      eventType: event.eventType,
      subject: event.subject,
      occurredAt: event.occurredAt,
      payload: event.toPayload(),
      ...(trace !== null && { traceparent: formatTraceparent(trace) }),
    };
  }

  private schedule(): void {
    if (this.sending !== null || this.buffer.length === 0) return;
    if (this.buffer.length >= BATCH_SIZE) void this.send();
    else {
      this.timer ??= setTimeout(() => {
        void this.send();
      }, LINGER_MS);
    }
  }

  private send(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.sending ??= this.sendBatch().finally(() => {
      this.sending = null;
      this.schedule();
    });
    return this.sending;
  }

  private async sendBatch(): Promise<void> {
    const batch = this.buffer.slice(0, BATCH_SIZE);
    this.sendingSinceMs = performance.now();
    try {
      await this.channel.send(batch);
      if (this.failing) this.logger.log('Heartbeat events are being published again');
      this.failing = false;
    } catch (error) {
      publisherDroppedTotal.inc(batch.length);
      if (!this.failing) this.logger.warn(`Heartbeat events are being dropped: ${String(error)}`);
      this.failing = true;
    }
    // An unavailable broker must not delay the shutdown once for each batch.
    if (this.closed || (this.failing && this.stopping)) {
      publisherDroppedTotal.inc(this.buffer.length - batch.length);
      this.buffer = [];
    }
    // The in-flight batch occupies its places in the buffer until here.
    this.buffer = this.buffer.slice(batch.length);
    this.groups.admitFitting({ all: this.failing });
  }
}
