import { randomUUID } from 'node:crypto';

/** The number of installs. Events draw one at random, so that most sessions of a run add an active. */
export const INSTALLS = 1_000_000;
const PROVINCES = 34;
const CITIES_PER_PROVINCE = 10;
/** The share of session starts: one event in ten. */
const SESSION_EVERY = 10;
/** The longest time that an event waits on a device before it is sent. */
export const MAX_EVENT_AGE_MS = 60_000;

const places = Array.from({ length: PROVINCES * CITIES_PER_PROVINCE }, (_, i) => {
  const province = Math.floor(i / CITIES_PER_PROVINCE) + 1;
  return `"province":"省份${province}","city":"城市${province}-${(i % CITIES_PER_PROVINCE) + 1}"`;
});

export interface BenchEvent {
  readonly eventId: string;
  readonly eventName: string;
  /** The user; null for three installs in ten. */
  readonly userId: string | null;
  readonly installId: string;
  /** Unix milliseconds, within the last {@link MAX_EVENT_AGE_MS}. */
  readonly atMs: number;
  /** Properties as JSON. */
  readonly properties: string;
}

/** Creates an event with a new id. */
export function createEvent(index: number): BenchEvent {
  const user = Math.floor(Math.random() * INSTALLS) + 1;
  const isSession = index % SESSION_EVERY === 0;
  return {
    eventId: randomUUID(),
    eventName: isSession ? 'app_session_start' : 'page_view',
    userId: user % 10 < 7 ? String(user) : null,
    installId: installIdOf(user),
    atMs: Date.now() - Math.floor(Math.random() * MAX_EVENT_AGE_MS),
    properties: isSession
      ? `{"os":"HarmonyOS","osVersion":"5.0.1","appVersion":"2.4.0","networkType":"wifi",${places[user % places.length] ?? ''}}`
      : `{"page":"article","articleId":"${user}","durationMs":${index * 7}}`,
  };
}

export function installIdOf(user: number): string {
  return `00000000-0000-4000-8000-${String(user).padStart(12, '0')}`;
}

/** Serialises an event as an app sends it. */
export function toJson({ eventId, eventName, userId, installId, atMs, properties }: BenchEvent): string {
  const user = userId === null ? '' : `"userId":"${userId}",`;
  return `{"eventId":"${eventId}","eventName":"${eventName}",${user}"installId":"${installId}","clientTs":${atMs / 1000},"properties":${properties}}`;
}
