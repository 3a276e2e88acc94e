import type { IEventPublisher } from '../../../../src/application/ports/event-publisher.port.js';
import type { DomainEvent } from '../../../../src/domain/events/domain-event.js';

/** Keeps every event that is offered. */
export class CollectingPublisher implements IEventPublisher {
  readonly events: DomainEvent[] = [];

  offer(event: DomainEvent): void {
    this.events.push(event);
  }
}
