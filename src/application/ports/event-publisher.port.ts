import type { DomainEvent } from '../../domain/events/domain-event.js';

/** Publishes best-effort events; events that must arrive go through the outbox. */
export interface IEventPublisher {
  /** Puts the event into a bounded buffer and returns at once. Never throws; a full buffer drops and counts it. */
  offer(event: DomainEvent): void;
}

export const EVENT_PUBLISHER = Symbol('IEventPublisher');
