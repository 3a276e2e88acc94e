import type { OutboxLaneStatus } from '../../src/application/ports/outbox-lanes.port.js';
import { randomUUID } from 'node:crypto';

import type { EventItem } from '../../src/application/commands/record-events/record-events.command.js';
import {
  DailyActiveStats,
  type DailyActiveStatsProps,
} from '../../src/domain/aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import { EventLog } from '../../src/domain/entities/event-log.entity.js';
import type { ActiveCount } from '../../src/domain/value-objects/active-count.vo.js';
import { EventId } from '../../src/domain/value-objects/event-id.vo.js';
import { EventName } from '../../src/domain/value-objects/event-name.vo.js';
import { EventProperties } from '../../src/domain/value-objects/event-properties.vo.js';
import { placeNames, type PlaceNaming } from '../../src/domain/value-objects/place-names.vo.js';
import { InstallId } from '../../src/domain/value-objects/install-id.vo.js';
import { UserId } from '../../src/domain/value-objects/user-id.vo.js';
import type { OutboundMessage } from '../../src/infrastructure/outbox/event-transport.js';

/** An instant whose day in Shanghai differs from its day in UTC and in New York, so a wrong zone shows. */
export const NOW = new Date('2025-01-15T01:00:00+08:00');
export const TODAY = '2025-01-15';
export const YESTERDAY = '2025-01-14';

/** Noon of {@link NOON_DAY} in Asia/Shanghai. */
export const NOON = '2025-06-15T04:00:00.000Z';
export const NOON_DAY = '2025-06-15';

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

/** Returns a UUID for each number. */
export function uuid(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** Builds an event as a client sends it: by default a session that starts {@link NOW}. */
export function eventItem(overrides: EventItem = {}): EventItem {
  return { eventName: 'app_session_start', installId: INSTALL, clientTs: unixSeconds(NOW), ...overrides };
}

export interface EventOverrides {
  readonly eventId?: string;
  /** decimal string; null or absent when no user is logged in */
  readonly userId?: string | null;
  /** text is validated; an {@link uncheckedInstallId} is not */
  readonly installId?: string | InstallId;
  readonly eventName?: string;
  readonly at?: Date | string;
  /** time by the device's own clock; default: `at`, which means that nothing was corrected */
  readonly clientTime?: Date | string | undefined;
  readonly properties?: unknown;
  readonly placeNaming?: PlaceNaming;
}

/** Builds an event of the domain under a new id: by default a session that starts {@link NOW}. */
export function eventLog(overrides: EventOverrides = {}): EventLog {
  const { at = NOW, userId = null, installId = INSTALL } = overrides;
  return EventLog.create({
    eventId: EventId.fromString(overrides.eventId ?? randomUUID()),
    userId: userId === null ? null : UserId.fromString(userId),
    installId: typeof installId === 'string' ? InstallId.fromString(installId) : installId,
    eventName: EventName.fromString(overrides.eventName ?? 'app_session_start'),
    eventTime: new Date(at),
    clientTime: new Date(overrides.clientTime ?? at),
    // By default keeps the short names of places that tests use.
    properties: EventProperties.fromData(
      overrides.properties,
      placeNames(overrides.placeNaming ?? 'as-sent'),
    ),
  });
}

/** Builds an event of the domain at {@link NOON}, when the day is the same in Shanghai and in UTC. */
export function eventAtNoon(overrides: EventOverrides = {}): EventLog {
  return eventLog({ at: NOON, ...overrides });
}

/** Builds an install id that no validation has seen, to prove what the database itself rejects. */
export function uncheckedInstallId(value: string): InstallId {
  const id = Object.create(InstallId.prototype) as InstallId;
  Object.defineProperty(id, 'value', { value });
  return id;
}

/** Builds stats as a repository returns them. */
export function storedStats(overrides: Partial<DailyActiveStatsProps> = {}): DailyActiveStats {
  return DailyActiveStats.reconstitute({
    day: YESTERDAY,
    dauCount: 3,
    dauByProvince: new Map(),
    dauByCity: new Map(),
    calculatedAt: NOW,
    version: 1,
    ...overrides,
  });
}

/** Builds a message as an event transport sends it. */
export function outboundMessage(overrides: Partial<OutboundMessage> = {}): OutboundMessage {
  return {
    eventId: randomUUID(),
    eventType: 'test.happened',
    subject: 'u:1',
    occurredAt: new Date(NOON),
    payload: {},
    ...overrides,
  };
}

export function activeCount(
  total: number,
  byProvince: Readonly<Record<string, number>> = {},
  byCity: Readonly<Record<string, number>> = {},
): ActiveCount {
  return { total, byProvince: new Map(Object.entries(byProvince)), byCity: new Map(Object.entries(byCity)) };
}

/** Returns the status of an empty lane that has never failed. */
export function outboxLane(number: number, overrides: Partial<OutboxLaneStatus> = {}): OutboxLaneStatus {
  return {
    lane: number,
    waiting: 0,
    oldestSeconds: null,
    publishedAt: null,
    failures: 0,
    lastError: null,
    lastErrorAt: null,
    ...overrides,
  };
}
