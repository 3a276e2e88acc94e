import { randomUUID } from 'node:crypto';

/** Who the events are of; each event draws one at random, so that most sessions of a run make somebody active. */
export const INSTALLS = 1_000_000;
const PROVINCES = 34;
const CITIES_OF_PROVINCE = 10;
/** One event in ten starts a session. */
const SESSION_EVERY = 10;
/** Events wait on a device for at most so long before they are sent. */
export const REACH_BACK_MS = 60_000;

const places = Array.from({ length: PROVINCES * CITIES_OF_PROVINCE }, (_, i) => {
  const province = Math.floor(i / CITIES_OF_PROVINCE) + 1;
  return `"province":"省份${province}","city":"城市${province}-${(i % CITIES_OF_PROVINCE) + 1}"`;
});

export interface BenchEvent {
  readonly eventId: string;
  readonly eventName: string;
  /** null for three installs in ten */
  readonly userId: string | null;
  readonly installId: string;
  /** Unix milliseconds, within the last {@link REACH_BACK_MS} */
  readonly atMs: number;
  /** JSON */
  readonly properties: string;
}

/** One that nobody has sent before. */
export function nextEvent(index: number): BenchEvent {
  const user = Math.floor(Math.random() * INSTALLS) + 1;
  const isSession = index % SESSION_EVERY === 0;
  return {
    eventId: randomUUID(),
    eventName: isSession ? 'app_session_start' : 'page_view',
    userId: user % 10 < 7 ? String(user) : null,
    installId: installOf(user),
    atMs: Date.now() - Math.floor(Math.random() * REACH_BACK_MS),
    properties: isSession
      ? `{"os":"HarmonyOS","osVersion":"5.0.1","appVersion":"2.4.0","networkType":"wifi",${places[user % places.length] ?? ''}}`
      : `{"page":"article","articleId":"${user}","durationMs":${index * 7}}`,
  };
}

export function installOf(user: number): string {
  return `00000000-0000-4000-8000-${String(user).padStart(12, '0')}`;
}

/** As an app sends it. */
export function toJson({ eventId, eventName, userId, installId, atMs, properties }: BenchEvent): string {
  const user = userId === null ? '' : `"userId":"${userId}",`;
  return `{"eventId":"${eventId}","eventName":"${eventName}",${user}"installId":"${installId}","clientTs":${atMs / 1000},"properties":${properties}}`;
}
