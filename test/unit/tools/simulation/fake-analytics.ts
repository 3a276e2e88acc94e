import { placeNames } from '../../../../src/domain/value-objects/place-names.vo.js';
import { daysBetween } from '../../../../tools/model/actives-model.js';
import { FakeSpans, type SpanFault } from './fake-spans.js';

/** Faults that a real service could have. The simulator must detect each of them. */
export type SeededFault =
  | SpanFault
  | 'loses minutes of snapshots'
  | 'counts duplicates twice'
  | 'stores a repeated event again'
  | 'deduplicates by corrected time'
  | 'drops late events'
  | 'trusts wrong device clocks'
  | 'answers before it stores'
  | 'fails the neighbours of a bad event'
  | 'accepts bad events'
  | 'reports a wrong index'
  | 'ignores user ids'
  | 'ignores the token of a batch'
  | 'keeps one city per identity'
  | 'adds an unknown province'
  | 'keeps the spellings of places'
  | 'cuts days in UTC'
  | 'counts installs online'
  | 'drops heartbeats'
  | 'overestimates the live DAU'
  | 'answers heartbeats with an empty object';

export interface FakeAnalyticsOptions {
  readonly now: () => number;
  readonly fault?: SeededFault;
  /** Receives the number of stored events after each batch. */
  readonly onStored?: (stored: number) => void;
  /** Keeps the figures of past days as they were at midnight, as between two rollups. */
  readonly freezesPastDays?: boolean;
}

interface WireEvent {
  eventName?: unknown;
  userId?: unknown;
  installId?: unknown;
  clientTs?: unknown;
  eventId?: unknown;
  properties?: { province?: string; city?: string };
}

interface Rejection {
  readonly index: number;
  readonly code: string;
  readonly message: string;
  readonly eventId?: string;
}

interface Active {
  province: string | undefined;
  city: string | undefined;
}

const HOUR_MS = 3_600_000;

/** Implements the service's contract with plain sets in memory. */
export class FakeAnalytics {
  readonly stored = new Set<string>();
  private readonly actives = new Map<string, Map<string, Active[]>>();
  private readonly online = new Map<string, number>();

  private readonly spans: FakeSpans;

  constructor(private readonly options: FakeAnalyticsOptions) {
    // The next build is hours away where past days are frozen.
    const age = options.freezesPastDays === true ? 2 * HOUR_MS : 0;
    this.spans = new FakeSpans(options.fault, () => new Date(options.now() - age).toISOString());
  }

  recordBatch(text: string, tokenUser: string | undefined): object {
    const { fault, now } = this.options;
    const { events, sentAt } = JSON.parse(text) as { events: WireEvent[]; sentAt?: number };
    const skewMs = sentAt === undefined ? 0 : sentAt * 1000 - now();
    const correctionMs = Math.abs(skewMs) > 300_000 && fault !== 'trusts wrong device clocks' ? skewMs : 0;
    const rejected: Rejection[] = [];
    let [accepted, duplicates] = [0, 0];
    const user = fault === 'ignores the token of a batch' ? undefined : tokenUser;
    const batchIsBad =
      fault === 'fails the neighbours of a bad event' && events.some((event) => problemOf(event));
    events.forEach((event, index) => {
      const timeMs = Math.round(Number(event.clientTs) * 1000 - correctionMs);
      const outOfRange = timeMs > now() + 600_000 || timeMs < now() - 7 * 24 * HOUR_MS;
      const code = problemOf(event) ?? (outOfRange ? 'EVENT_TIME' : batchIsBad ? 'BATCH' : undefined);
      if (code !== undefined) {
        if (fault === 'accepts bad events') accepted += 1;
        else rejected.push(this.reject(event, index, code));
        return;
      }
      const key = String(event.eventId) + (fault === 'deduplicates by corrected time' ? String(timeMs) : '');
      if (this.stored.has(key) && fault !== 'stores a repeated event again') {
        duplicates += fault === 'counts duplicates twice' ? 2 : 1;
        return;
      }
      accepted += 1;
      this.stored.add(key);
      if (!this.loses(event, timeMs) && event.eventName === 'app_session_start') {
        this.addActive(event, user, timeMs);
      }
    });
    this.options.onStored?.(this.stored.size);
    return {
      accepted,
      duplicates,
      failed: rejected.length,
      ...(rejected.length > 0 && {
        rejected,
        errors: rejected.map(({ index }) => `Event[${String(index)}]: bad`),
      }),
    };
  }

  recordHeartbeat(text: string, userId: string): object {
    const { fault, now } = this.options;
    if (fault === 'answers heartbeats with an empty object') return {};
    const { installId } = JSON.parse(text) as { installId: string };
    const member = fault === 'counts installs online' ? installId : userId;
    if (fault !== 'drops heartbeats' || !member.endsWith('7')) this.online.set(member, now());
    return { ok: true, serverTs: Math.floor(now() / 1000) };
  }

  countOnline(): object {
    const threshold = this.options.now() - 180_000;
    const count = [...this.online.values()].filter((seen) => seen > threshold).length;
    return { count, windowSeconds: 180, queriedAt: new Date(this.options.now()).toISOString() };
  }

  queryDau(query: URLSearchParams): object {
    const [start, end] = [query.get('startDate') ?? '', query.get('endDate') ?? ''];
    const data = [...this.actives]
      .filter(([day]) => start <= day && day <= end)
      .sort(([left], [right]) => left.localeCompare(right))
      .map(([day, seen]) => ({
        day,
        dauCount: seen.size,
        byProvince: countBy(seen, ({ province }) => province),
        byCity: countBy(seen, ({ city }) => city),
      }));
    return { data, total: data.length };
  }

  querySpans(path: string, query: URLSearchParams): object {
    return this.spans.answer(path, query);
  }

  /** Has no snapshot of any minute. */
  queryDailyOnline(query: URLSearchParams): object {
    const { fault, now } = this.options;
    const data = daysBetween(query.get('startDate') ?? '', query.get('endDate') ?? '').flatMap((day) => {
      const minutes = Math.min(1440, Math.floor((now() - Date.parse(`${day}T00:00:00+08:00`)) / 60_000));
      const missedMinutes = fault === 'loses minutes of snapshots' ? 0 : minutes;
      return minutes <= 0 ? [] : [{ day, samples: 0, missedMinutes, isFinal: false }];
    });
    return { data, lastSnapshotAt: null, total: data.length };
  }

  queryLiveDau(): object {
    const day = dayOf(this.options.now(), 8);
    const exact = this.actives.get(day)?.size ?? 0;
    const dauCount = this.options.fault === 'overestimates the live DAU' ? Math.round(exact * 1.1) : exact;
    return {
      day,
      dauCount,
      method: 'hyperloglog',
      standardError: 0.0081,
      queriedAt: new Date().toISOString(),
    };
  }

  private reject(event: WireEvent, index: number, code: string): Rejection {
    const eventId = typeof event.eventId === 'string' ? { eventId: event.eventId } : {};
    const reported = this.options.fault === 'reports a wrong index' ? index + 1 : index;
    return { index: reported, code, message: code, ...eventId };
  }

  /** Loses the events of the same installs in every run, so that a second session cannot hide the loss. */
  private loses(event: WireEvent, timeMs: number): boolean {
    const { fault, now } = this.options;
    if (fault === 'answers before it stores') return /[0-3]$/.test(String(event.installId));
    return fault === 'drops late events' && timeMs < now() - 300_000;
  }

  private addActive(event: WireEvent, user: string | undefined, timeMs: number): void {
    const { fault, now, freezesPastDays } = this.options;
    const day = dayOf(timeMs, fault === 'cuts days in UTC' ? 0 : 8);
    if (freezesPastDays === true && day < dayOf(now(), 8)) return;
    const userId = typeof event.userId === 'string' ? event.userId : user;
    const identity =
      userId === undefined || fault === 'ignores user ids' ? `i:${String(event.installId)}` : `u:${userId}`;
    const seen = this.actives.get(day) ?? new Map<string, Active[]>();
    this.actives.set(day, seen);
    const places = seen.get(identity) ?? [];
    seen.set(identity, places);
    if (fault === 'keeps one city per identity' && places.length > 0) return;
    const { province, city } = this.nameOf(event.properties ?? {});
    places.push({ province, city });
    this.spans.add({
      day,
      identity,
      ...(province !== undefined && { province }),
      ...(city !== undefined && { city }),
    });
  }

  private nameOf(sent: { readonly province?: string; readonly city?: string }): Active {
    const { fault } = this.options;
    const names = placeNames(fault === 'keeps the spellings of places' ? 'as-sent' : 'canonical');
    const unknown = fault === 'adds an unknown province' ? '未知' : undefined;
    const province = sent.province === undefined ? unknown : names.province(sent.province);
    return { province, city: sent.city === undefined ? undefined : names.city(sent.city, province ?? '') };
  }
}

function problemOf({ eventName, installId, clientTs, userId }: WireEvent): string | undefined {
  if (typeof installId !== 'string' || installId.length < 8) return 'INSTALL_ID';
  if (typeof eventName !== 'string' || !/^[a-z][a-z0-9_]*$/.test(eventName)) return 'EVENT_NAME';
  if (typeof clientTs !== 'number') return 'CLIENT_TS';
  if (userId !== undefined && !(typeof userId === 'string' && /^\d+$/.test(userId))) return 'USER_ID';
  return undefined;
}

function countBy(
  seen: ReadonlyMap<string, readonly Active[]>,
  key: (active: Active) => string | undefined,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const places of seen.values()) {
    for (const place of new Set(places.map(key))) {
      if (place !== undefined) counts[place] = (counts[place] ?? 0) + 1;
    }
  }
  return counts;
}

function dayOf(ms: number, offsetHours: number): string {
  return new Date(ms + offsetHours * HOUR_MS).toISOString().slice(0, 10);
}
