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
export function toFloorColumns(events: readonly FloorEvent[]): string[] {
  const columns = Array.from({ length: 6 }, (): string[] => []);
  const [ids = [], times = [], clientTimes = [], users = [], installs = [], names = []] = columns;
  const properties: string[] = [];
  const sessions = Array.from({ length: 6 }, (): string[] => []);
  const [sessionIds = [], days = [], identities = [], provinces = [], cities = [], occurred = []] = sessions;
  const payloads: string[] = [];
  for (const event of events) {
    const ms = event.clientTs * 1000;
    const time = new Date(ms).toISOString();
    ids.push(event.eventId);
    times.push(time);
    clientTimes.push('NULL');
    users.push(event.userId ?? 'NULL');
    installs.push(`"${event.installId}"`);
    names.push(`"${event.eventName}"`);
    properties.push(JSON.stringify(event.properties));
    if (event.eventName !== 'app_session_start') continue;
    const { province, city, os, osVersion, appVersion } = event.properties;
    sessionIds.push(event.eventId);
    days.push(new Date(ms + SHANGHAI_MS).toISOString().slice(0, 10));
    identities.push(`"${event.userId === undefined ? `i:${event.installId}` : `u:${event.userId}`}"`);
    provinces.push(`"${String(province)}"`);
    cities.push(`"${String(city)}"`);
    occurred.push(time);
    const { userId = null, installId } = event;
    payloads.push(
      JSON.stringify({ userId, installId, occurredAt: time, metadata: { os, osVersion, appVersion } }),
    );
  }
  return [
    ...columns.map(toArray),
    `[${properties.join()}]`,
    ...sessions.map(toArray),
    `[${payloads.join()}]`,
    '{}',
  ];
}

function toArray(column: readonly string[]): string {
  return `{${column.join()}}`;
}
