import { randomUUID } from 'node:crypto';

/** An event of `POST /analytics/events`, with an id so that a test finds it. */
export interface WireEvent {
  readonly eventName: string;
  readonly installId: string;
  readonly clientTs: number;
  readonly eventId: string;
  readonly userId?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** Builds a valid event of this moment from a new install. */
export function event(overrides: Partial<WireEvent> = {}): WireEvent {
  return {
    eventName: 'app_session_start',
    installId: `install-${randomUUID()}`,
    clientTs: nowSeconds(),
    eventId: randomUUID(),
    ...overrides,
  };
}

export function nowSeconds(): number {
  return Date.now() / 1000;
}

const SHANGHAI_OFFSET_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

/** Returns the day in Shanghai, which has been eight hours ahead of UTC since 1992. */
export function shanghaiDay(instant: number = Date.now()): string {
  return new Date(instant + SHANGHAI_OFFSET_MS).toISOString().slice(0, 10);
}

/** Returns the start of a day in Shanghai in Unix milliseconds. */
export function startOfShanghaiDay(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) - SHANGHAI_OFFSET_MS;
}

export function daysAgo(days: number, from: string = shanghaiDay()): string {
  return shanghaiDay(startOfShanghaiDay(from) - days * DAY_MS);
}

/** Returns the milliseconds until midnight in Shanghai. */
export function millisecondsToMidnight(now: number = Date.now()): number {
  return startOfShanghaiDay(shanghaiDay(now)) + DAY_MS - now;
}
