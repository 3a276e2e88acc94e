import type { EventLog } from '../../../domain/entities/event-log.entity.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { toStoredPayload } from '../../outbox/message-trace.js';
import { traceOf } from '../event-log/event-traces.js';
import { ArrayLiteral } from './array-literal.js';
import { InstantArray, LongArray, UuidArray } from './binary-array.js';

/** One flush as parameters of its statement: one text or block of bytes for each column. */
export interface EventLogColumns {
  /**
   * Columns of all events (id, time, client time where it differs, user, install, name, properties), then of the
   * session starts (event id, day, identity, province, city, time, payload).
   */
  readonly parameters: readonly (string | Buffer)[];
  readonly sessionDays: ReadonlySet<DateKey>;
}

/**
 * Writes each column as one array, in the form that costs least: bytes for ids, times and numbers, a literal for texts,
 * JSON for JSON. docs/adr/0010 has the measurements.
 */
export function toColumns(events: readonly EventLog[]): EventLogColumns {
  const sessions = events.filter(({ eventName }) => eventName.isDauEvent());
  const { parameters, sessionDays } = toSessionColumns(sessions);
  return { parameters: [...toLogColumns(events), ...parameters], sessionDays };
}

function toLogColumns(events: readonly EventLog[]): (string | Buffer)[] {
  const eventIds = new UuidArray(events.length);
  const eventTimes = new InstantArray(events.length);
  const userIds = new LongArray(events.length);
  const installIds = new ArrayLiteral();
  const eventNames = new ArrayLiteral();
  const properties: string[] = [];
  let isAnyCorrected = false;
  for (const event of events) {
    eventIds.add(event.eventId.value);
    eventTimes.add(event.eventTime);
    isAnyCorrected ||= event.isTimeCorrected;
    if (event.userId === null) userIds.addNull();
    else userIds.add(event.userId.toString());
    installIds.addText(event.installId.value);
    // Quotes keep an event named "null" a text.
    eventNames.addText(event.eventName.value);
    properties.push(event.properties.json ?? 'null');
  }
  return [
    eventIds.toParameter(),
    eventTimes.toParameter(),
    toClientTimes(isAnyCorrected ? events : []),
    userIds.toParameter(),
    installIds.toString(),
    eventNames.toString(),
    `[${properties.join()}]`,
  ];
}

/** Returns no client time where no event has one: the server fills a shorter column with NULL. */
function toClientTimes(events: readonly EventLog[]): Buffer {
  const clientTimes = new InstantArray(events.length);
  for (const event of events) {
    if (event.isTimeCorrected) clientTimes.add(event.clientTime);
    else clientTimes.addNull();
  }
  return clientTimes.toParameter();
}

function toSessionColumns(events: readonly EventLog[]): EventLogColumns {
  const eventIds = new UuidArray(events.length);
  const [days, identities, provinces, cities] = Array.from({ length: 4 }, () => new ArrayLiteral()) as Texts;
  const times = new InstantArray(events.length);
  const payloads: string[] = [];
  const sessionDays = new Set<DateKey>();
  for (const event of events) {
    const { day, sessionStarted } = event;
    if (sessionStarted === null) continue;
    sessionDays.add(day);
    eventIds.add(event.eventId.value);
    days.add(day);
    identities.addText(event.dauIdentifier);
    provinces.addText(event.properties.province ?? '');
    cities.addText(event.properties.city ?? '');
    times.add(event.eventTime);
    payloads.push(JSON.stringify(toStoredPayload(sessionStarted.toPayload(), traceOf(event))));
  }
  const texts = [days, identities, provinces, cities].map(String);
  return {
    parameters: [eventIds.toParameter(), ...texts, times.toParameter(), `[${payloads.join()}]`],
    sessionDays,
  };
}

type Texts = [ArrayLiteral, ArrayLiteral, ArrayLiteral, ArrayLiteral];
