import type { DomainEvent } from '../../domain/events/domain-event.js';

/** Publishes events that may be lost. Events that must arrive go through the outbox. */
export interface IEventPublisher {
  /** Buffers the event and returns at once; never throws. A full buffer drops the event and counts it. */
  offer(event: DomainEvent): void;
}

export const EVENT_PUBLISHER = Symbol('IEventPublisher');
