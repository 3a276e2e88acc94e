import type { DomainEvent } from '../../domain/events/domain-event.js';

/** For events that may be lost. What must arrive goes through the outbox, written by a repository. */
export interface IEventPublisher {
  /** Takes the event into a bounded buffer and returns at once; never throws. A full buffer drops it and counts that. */
  offer(event: DomainEvent): void;
}

export const EVENT_PUBLISHER = Symbol('IEventPublisher');
