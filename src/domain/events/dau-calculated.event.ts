import type { DateKey } from '../../shared/utils/timezone.util.js';
import { subjectOfDay, type DomainEvent, type EventPayload } from './domain-event.js';

/** The DAU of a day was calculated. The highest version of a day is valid. */
export class DauCalculatedEvent implements DomainEvent {
  static readonly EVENT_NAME = 'analytics.dau.calculated';
  readonly eventType = DauCalculatedEvent.EVENT_NAME;

  constructor(
    readonly day: DateKey,
    readonly dauCount: number,
    readonly version: number,
    readonly occurredAt: Date,
  ) {}

  get subject(): string {
    return subjectOfDay(this.day);
  }

  toPayload(): EventPayload {
    return { day: this.day, dauCount: this.dauCount, version: this.version };
  }
}
