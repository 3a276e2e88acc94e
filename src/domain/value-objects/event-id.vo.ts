import { validate } from 'uuid';
import { DomainException } from '../../shared/exceptions/domain.exception.js';

const NIL_OR_MAX = /^(?:[0-]+|[f-]+)$/i;

/**
 * Identifies one event for ever; the client's idempotency key. Any UUID except nil and max, in lower case.
 */
export class EventId {
  private constructor(readonly value: string) {}

  /** @throws DomainException `event_id_invalid` */
  static fromString(input: unknown): EventId {
    // Rejects constants: a client that sends one for every event would lose all but the first as
    // duplicates.
    if (typeof input !== 'string' || !validate(input) || NIL_OR_MAX.test(input)) {
      throw new DomainException('event_id_invalid', { field: 'eventId' });
    }
    return new EventId(input.toLowerCase());
  }

  toString(): string {
    return this.value;
  }
}
