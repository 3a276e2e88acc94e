import type { DomainEvent } from '../../domain/events/domain-event.js';

/** Places in the buffer that belong to one caller until it uses or releases them. */
export interface ReservedPlaces {
  /** Puts the events into the reserved places; they must not be more than those. */
  publish(events: readonly DomainEvent[]): void;
  /** Gives back the places that are not used. Safe to call more than once. */
  release(): void;
}

/** Publishes best-effort events; events that must arrive go through the outbox. */
export interface IEventPublisher {
  /** Puts the event into a bounded buffer and returns at once. Never throws; a full buffer drops and counts it. */
  offer(event: DomainEvent): void;

  /**
   * Waits for places in the buffer, so that none of the events is dropped for want of room. Does not wait while the
   * broker takes nothing: events are then dropped and counted, and presence does not depend on the broker.
   *
   * @throws ApplicationException `overloaded` when there is no room within a time limit
   */
  reserve(count: number): Promise<ReservedPlaces>;
}

export const EVENT_PUBLISHER = Symbol('IEventPublisher');
