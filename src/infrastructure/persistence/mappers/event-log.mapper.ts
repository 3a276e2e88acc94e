import type { EventLog } from '../../../domain/entities/event-log.entity.js';

/** Columns of one flush, as arrays of text that PostgreSQL casts: one parameter a column, whatever the row count. */
export interface EventLogColumns {
  readonly eventIds: string[];
  readonly eventTimes: string[];
  /** Empty unless the device's clock was corrected. */
  readonly clientTimes: string[];
  /** Empty for none. */
  readonly userIds: string[];
  readonly installIds: string[];
  readonly eventNames: string[];
  /** JSON; empty for none. */
  readonly properties: string[];
  readonly sessions: {
    readonly eventIds: string[];
    readonly days: string[];
    readonly identities: string[];
    /** Empty for none, as `cities`. */
    readonly provinces: string[];
    readonly cities: string[];
    readonly occurredAt: string[];
    readonly payloads: string[];
  };
}

export function toColumns(logs: readonly EventLog[]): EventLogColumns {
  const columns: EventLogColumns = {
    eventIds: [],
    eventTimes: [],
    clientTimes: [],
    userIds: [],
    installIds: [],
    eventNames: [],
    properties: [],
    sessions: {
      eventIds: [],
      days: [],
      identities: [],
      provinces: [],
      cities: [],
      occurredAt: [],
      payloads: [],
    },
  };
  for (const log of logs) {
    const eventTime = log.eventTime.toISOString();
    columns.eventIds.push(log.eventId.value);
    columns.eventTimes.push(eventTime);
    columns.clientTimes.push(log.isTimeCorrected ? log.clientTime.toISOString() : '');
    columns.userIds.push(log.userId?.toString() ?? '');
    columns.installIds.push(log.installId.value);
    columns.eventNames.push(log.eventName.value);
    columns.properties.push(log.properties.json ?? '');
    const session = log.sessionStarted;
    if (session === null) continue;
    columns.sessions.eventIds.push(log.eventId.value);
    columns.sessions.days.push(log.day);
    columns.sessions.identities.push(log.dauIdentifier);
    columns.sessions.provinces.push(log.properties.province ?? '');
    columns.sessions.cities.push(log.properties.city ?? '');
    columns.sessions.occurredAt.push(eventTime);
    columns.sessions.payloads.push(JSON.stringify(session.toPayload()));
  }
  return columns;
}
