import {
  InstantArray,
  LongArray,
  UuidArray,
} from '../../src/infrastructure/persistence/mappers/binary-array.js';

/** An event as a load generator sends it. */
export interface FloorEvent {
  readonly eventId: string;
  readonly eventName: string;
  readonly userId?: string;
  readonly installId: string;
  /** Unix seconds. */
  readonly clientTs: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

const SHANGHAI_MS = 8 * 60 * 60 * 1000;

/** Writes the parameters of the service's flush statement without checking anything. */
export function toFloorColumns(events: readonly FloorEvent[]): (string | Buffer)[] {
  const ids = new UuidArray(events.length);
  const times = new InstantArray(events.length);
  const users = new LongArray(events.length);
  const [installs, names, properties]: [string[], string[], string[]] = [[], [], []];
  const sessionIds = new UuidArray(events.length);
  const occurred = new InstantArray(events.length);
  const texts = Array.from({ length: 4 }, (): string[] => []);
  const [days = [], identities = [], provinces = [], cities = []] = texts;
  const payloads: string[] = [];
  for (const event of events) {
    const ms = event.clientTs * 1000;
    const time = new Date(ms);
    ids.add(event.eventId);
    times.add(time);
    if (event.userId === undefined) users.addNull();
    else users.add(event.userId);
    installs.push(`"${event.installId}"`);
    names.push(`"${event.eventName}"`);
    properties.push(JSON.stringify(event.properties));
    if (event.eventName !== 'app_session_start') continue;
    const { province, city, os, osVersion, appVersion } = event.properties;
    sessionIds.add(event.eventId);
    days.push(new Date(ms + SHANGHAI_MS).toISOString().slice(0, 10));
    identities.push(`"${event.userId === undefined ? `i:${event.installId}` : `u:${event.userId}`}"`);
    provinces.push(`"${String(province)}"`);
    cities.push(`"${String(city)}"`);
    occurred.add(time);
    const { userId = null, installId } = event;
    payloads.push(
      JSON.stringify({ userId, installId, occurredAt: time, metadata: { os, osVersion, appVersion } }),
    );
  }
  return [
    ...[ids, times, new InstantArray(0), users].map((column) => column.toParameter()),
    ...[installs, names].map(toArray),
    `[${properties.join()}]`,
    sessionIds.toParameter(),
    ...texts.map(toArray),
    occurred.toParameter(),
    `[${payloads.join()}]`,
    '{}',
  ];
}

function toArray(column: readonly string[]): string {
  return `{${column.join()}}`;
}
