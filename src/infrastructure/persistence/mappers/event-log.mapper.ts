import type { EventLog } from '../../../domain/entities/event-log.entity.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { toStoredPayload } from '../../outbox/message-trace.js';
import { traceOf } from '../event-log/event-traces.js';
import { ArrayLiteral } from './array-literal.js';

/** One flush as parameters of its statement: one text for each column, whatever the number of events. */
export interface EventLogColumns {
  /**
   * Columns of all events (id, time, client time or NULL, user, install, name, properties), then of the
   * session starts (event id, day, identity, province, city, time, payload).
   */
  readonly parameters: readonly string[];
  readonly sessionDays: ReadonlySet<DateKey>;
}

type SessionColumns = [ArrayLiteral, ArrayLiteral, ArrayLiteral, ArrayLiteral, ArrayLiteral, ArrayLiteral];

/** Writes each column as one array literal or JSON array; docs/adr/0010 measures what driver arrays would cost. */
export function toColumns(events: readonly EventLog[]): EventLogColumns {
  const eventIds = new ArrayLiteral();
  const eventTimes = new ArrayLiteral();
  const clientTimes = new ArrayLiteral();
  const userIds = new ArrayLiteral();
  const installIds = new ArrayLiteral();
  const eventNames = new ArrayLiteral();
  const properties: string[] = [];
  const sessionColumns = Array.from({ length: 6 }, () => new ArrayLiteral()) as SessionColumns;
  const [sessionIds, days, identities, provinces, cities, times] = sessionColumns;
  const payloads: string[] = [];
  const sessionDays = new Set<DateKey>();
  for (const event of events) {
    const eventTime = event.eventTime.toISOString();
    eventIds.add(event.eventId.value);
    eventTimes.add(eventTime);
    clientTimes.add(event.isTimeCorrected ? event.clientTime.toISOString() : 'NULL');
    userIds.add(event.userId?.toString() ?? 'NULL');
    installIds.addText(event.installId.value);
    // Quotes keep an event named "null" a text.
    eventNames.addText(event.eventName.value);
    properties.push(event.properties.json ?? 'null');
    const session = event.sessionStarted;
    if (session === null) continue;
    const { day } = event;
    sessionDays.add(day);
    sessionIds.add(event.eventId.value);
    days.add(day);
    identities.addText(event.dauIdentifier);
    provinces.addText(event.properties.province ?? '');
    cities.addText(event.properties.city ?? '');
    times.add(eventTime);
    payloads.push(JSON.stringify(toStoredPayload(session.toPayload(), traceOf(event))));
  }
  const eventColumns = [eventIds, eventTimes, clientTimes, userIds, installIds, eventNames].map(String);
  return {
    parameters: [
      ...eventColumns,
      `[${properties.join()}]`,
      ...sessionColumns.map(String),
      `[${payloads.join()}]`,
    ],
    sessionDays,
  };
}
