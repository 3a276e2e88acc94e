import { validate } from 'uuid';
import { DomainException } from '../../shared/exceptions/domain.exception.js';
import { isConstantUuid } from '../../shared/rules/constant-id.rule.js';
import { fieldMessage } from '../../shared/utils/field-message.util.js';

/**
 * Identifies one event for ever; the client's idempotency key. Any UUID but the constants, in lower case.
 */
export class EventId {
  private constructor(readonly value: string) {}

  /** @throws DomainException `event_id_invalid`, `event_id_constant` */
  static fromString(input: unknown): EventId {
    if (typeof input !== 'string' || !validate(input)) {
      const nextStep = 'make a random one for each event, or leave it out';
      throw new DomainException('event_id_invalid', {
        detail: fieldMessage('eventId', 'be a UUID', input, nextStep),
        field: 'eventId',
      });
    }
    const value = input.toLowerCase();
    // A client that sends a constant with every event would lose all but the first as duplicates.
    if (isConstantUuid(value)) {
      throw new DomainException('event_id_constant', {
        detail: `eventId ${value} is a constant, and events with one id count as one: make a random UUID for each event`,
        field: 'eventId',
      });
    }
    return new EventId(value);
  }

  toString(): string {
    return this.value;
  }
}
