import type {
  IEventPublisher,
  ReservedPlaces,
} from '../../../../src/application/ports/event-publisher.port.js';
import type { DomainEvent } from '../../../../src/domain/events/domain-event.js';
import { ApplicationException } from '../../../../src/shared/exceptions/application.exception.js';

/** Keeps every event that is offered or published. */
export class CollectingPublisher implements IEventPublisher {
  readonly events: DomainEvent[] = [];
  /** True makes reservations fail, as a full buffer does after its wait. */
  isFull = false;
  /** Places that are reserved and neither used nor released. */
  reserved = 0;

  offer(event: DomainEvent): void {
    this.events.push(event);
  }

  reserve(count: number): Promise<ReservedPlaces> {
    if (this.isFull) return Promise.reject(new ApplicationException('overloaded'));
    this.reserved += count;
    let left = count;
    const use = (places: number): void => {
      left -= places;
      this.reserved -= places;
    };
    return Promise.resolve({
      publish: (events) => {
        this.events.push(...events);
        use(events.length);
      },
      release: () => {
        use(left);
      },
    });
  }
}
