import { validate } from 'uuid';
import { DomainException } from '../../shared/exceptions/domain.exception.js';

/** Names one event for ever; the client's idempotency key. Any UUID, kept in lower case. */
export class EventId {
  private constructor(readonly value: string) {}

  /** @throws DomainException `event_id_invalid` */
  static fromString(input: unknown): EventId {
    if (typeof input !== 'string' || !validate(input)) {
      throw new DomainException('event_id_invalid', 'invalid', 'eventId must be a UUID', 'eventId');
    }
    return new EventId(input.toLowerCase());
  }

  toString(): string {
    return this.value;
  }
}
