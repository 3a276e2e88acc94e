import type { EventLog } from '../../../domain/entities/event-log.entity.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';

/** One flush as the statement takes it: a parameter a column, whatever the number of rows. */
export interface EventLogColumns {
  /**
   * Of all events: ids, times, client times (NULL unless the device's clock was corrected), users, installs, names,
   * properties. Of the sessions among them: event ids, days, identities, provinces, cities, times, payloads.
   */
  readonly parameters: readonly string[];
  readonly sessionDays: ReadonlySet<DateKey>;
}

/**
 * Writes columns as PostgreSQL's array literals, and JSON as a JSON array: the driver, and Prisma before it, would walk
 * through arrays element by element, several times over, which took longer than all the checks of the events.
 */
export function toColumns(logs: readonly EventLog[]): EventLogColumns {
  const eventIds = new ArrayLiteral();
  const eventTimes = new ArrayLiteral();
  const clientTimes = new ArrayLiteral();
  const userIds = new ArrayLiteral();
  const installIds = new ArrayLiteral();
  const eventNames = new ArrayLiteral();
  const properties: string[] = [];
  const ofSessions = Array.from({ length: 6 }, () => new ArrayLiteral()) as SessionColumns;
  const [sessionIds, days, identities, provinces, cities, times] = ofSessions;
  const payloads: string[] = [];
  const sessionDays = new Set<DateKey>();
  for (const log of logs) {
    const eventTime = log.eventTime.toISOString();
    eventIds.add(log.eventId.value);
    eventTimes.add(eventTime);
    clientTimes.add(log.isTimeCorrected ? log.clientTime.toISOString() : 'NULL');
    userIds.add(log.userId?.toString() ?? 'NULL');
    installIds.addText(log.installId.value);
    // An event may be named "null".
    eventNames.addText(log.eventName.value);
    properties.push(log.properties.json ?? 'null');
    const session = log.sessionStarted;
    if (session === null) continue;
    const { day } = log;
    sessionDays.add(day);
    sessionIds.add(log.eventId.value);
    days.add(day);
    identities.addText(log.dauIdentifier);
    provinces.addText(log.properties.province ?? '');
    cities.addText(log.properties.city ?? '');
    times.add(eventTime);
    payloads.push(JSON.stringify(session.toPayload()));
  }
  const ofEvents = [eventIds, eventTimes, clientTimes, userIds, installIds, eventNames].map(String);
  return {
    parameters: [...ofEvents, `[${properties.join()}]`, ...ofSessions.map(String), `[${payloads.join()}]`],
    sessionDays,
  };
}

type SessionColumns = [ArrayLiteral, ArrayLiteral, ArrayLiteral, ArrayLiteral, ArrayLiteral, ArrayLiteral];

/** Of values that need no quotes, such as days. */
export function toArrayLiteral(values: readonly string[]): string {
  return `{${values.join()}}`;
}

/** `{a,"b \\"c\\"",NULL}`, the text form of an array (PostgreSQL manual, 8.15.6). */
class ArrayLiteral {
  private readonly elements: string[] = [];

  /** An id, a day, a time, a number, or `NULL` for none: nothing that could mean something else in a literal. */
  add(element: string): void {
    this.elements.push(element);
  }

  addText(text: string): void {
    this.elements.push(`"${NEEDS_ESCAPE.test(text) ? text.replace(EACH_ESCAPED, '\\$&') : text}"`);
  }

  toString(): string {
    return toArrayLiteral(this.elements);
  }
}

const NEEDS_ESCAPE = /["\\]/;
const EACH_ESCAPED = /["\\]/g;
