import type { EventItem } from '../../src/application/commands/record-events/record-events.command.js';
import { EventLog } from '../../src/domain/entities/event-log.entity.js';
import type { ActiveCount } from '../../src/domain/value-objects/active-count.vo.js';
import { EventId } from '../../src/domain/value-objects/event-id.vo.js';
import { EventName } from '../../src/domain/value-objects/event-name.vo.js';
import { EventProperties } from '../../src/domain/value-objects/event-properties.vo.js';
import { InstallId } from '../../src/domain/value-objects/install-id.vo.js';
import { UserId } from '../../src/domain/value-objects/user-id.vo.js';

/** An instant of which the day in Shanghai is not the day in UTC, nor in New York: a day cut elsewhere shows. */
export const NOW = new Date('2025-01-15T01:00:00+08:00');
export const TODAY = '2025-01-15';
export const YESTERDAY = '2025-01-14';

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export const INSTALL = 'install-00000001';

export function unixSeconds(instant: Date): number {
  return instant.getTime() / 1000;
}

export function later(instant: Date, milliseconds: number): Date {
  return new Date(instant.getTime() + milliseconds);
}

export function earlier(instant: Date, milliseconds: number): Date {
  return later(instant, -milliseconds);
}

/** A UUID for each number. */
export function uuid(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** An event as a client sends it: by default a session that starts {@link NOW}. */
export function eventItem(overrides: EventItem = {}): EventItem {
  return { eventName: 'app_session_start', installId: INSTALL, clientTs: unixSeconds(NOW), ...overrides };
}

let eventsBuilt = 0;

/** An event of the domain, with an id of its own: by default a session that starts {@link NOW}. */
export function eventLog(
  overrides: {
    readonly eventId?: string;
    readonly userId?: string;
    readonly installId?: string;
    readonly eventName?: string;
    readonly at?: Date;
    readonly clientTime?: Date;
    readonly properties?: Readonly<Record<string, unknown>>;
  } = {},
): EventLog {
  const at = overrides.at ?? NOW;
  return EventLog.create({
    eventId: EventId.fromString(overrides.eventId ?? uuid(0xe0000000 + eventsBuilt++)),
    userId: overrides.userId === undefined ? null : UserId.fromString(overrides.userId),
    installId: InstallId.fromString(overrides.installId ?? INSTALL),
    eventName: EventName.fromString(overrides.eventName ?? 'app_session_start'),
    eventTime: at,
    clientTime: overrides.clientTime ?? at,
    properties: EventProperties.fromData(overrides.properties),
  });
}

export function activeCount(
  total: number,
  byProvince: Readonly<Record<string, number>> = {},
  byCity: Readonly<Record<string, number>> = {},
): ActiveCount {
  return { total, byProvince: new Map(Object.entries(byProvince)), byCity: new Map(Object.entries(byCity)) };
}
