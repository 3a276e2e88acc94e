import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import jsonwebtoken from 'jsonwebtoken';

/** Faults that a real service could have. Each must be found by the simulator. */
export type Bug =
  | 'counts duplicates twice'
  | 'stores a repeated event again'
  | 'recognises repeats by corrected time'
  | 'forgets late events'
  | 'trusts wrong clocks'
  | 'answers before it stores'
  | 'fails the neighbours of a bad event'
  | 'accepts bad events'
  | 'reports a wrong index'
  | 'knows installs only'
  | 'ignores the token of a batch'
  | 'keeps one city a person'
  | 'invents a province'
  | 'cuts days in UTC'
  | 'counts installs online'
  | 'forgets heartbeats'
  | 'sketches badly'
  | 'answers heartbeats with nothing';

/** Behaviour that is within the contract. */
export interface FakeOptions {
  readonly now: () => number;
  readonly secret: string;
  readonly bug?: Bug;
  /** Every so many posts: 503 or 429, or an answer that never arrives although the batch is stored. */
  readonly failsEvery?: number;
  /** Called with the number of events stored, after each batch. */
  readonly onStored?: (stored: number) => void;
  /** Past days keep the figures that they had at midnight, as between two calculations. */
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

interface Active {
  province: string | undefined;
  city: string | undefined;
}

const HOUR_MS = 3_600_000;

/** The service's contract in memory, by sets: slow to scale, hard to get wrong. */
export class FakeService {
  readonly stored = new Set<string>();
  requests = 0;
  private readonly actives = new Map<string, Map<string, Active[]>>();
  private readonly online = new Map<string, number>();
  private posts = 0;
  private readonly server: Server;

  private constructor(private readonly options: FakeOptions) {
    this.server = createServer((request, response) => {
      void this.handle(request, response);
    });
  }

  static async start(options: FakeOptions): Promise<FakeService> {
    const fake = new FakeService(options);
    await new Promise<void>((resolve) => fake.server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1;
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // The client went away in the middle.
    }
    const raw = Buffer.concat(chunks);
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString();
    const user = this.userOf(request);
    const url = new URL(request.url ?? '/', 'http://fake');
    if (request.method === 'POST' && this.fails(request, response, url.pathname, text, user)) return;
    if (user === 'invalid' || (user === undefined && url.pathname !== '/analytics/events')) {
      this.answer(response, 401, { code: 'UNAUTHORIZED' });
      return;
    }
    switch (`${request.method ?? ''} ${url.pathname}`) {
      case 'POST /analytics/events':
        this.answer(response, 200, this.record(text, user));
        return;
      case 'POST /presence/heartbeat':
        this.answer(response, 201, this.beat(text, user ?? ''));
        return;
      case 'GET /presence/online-count':
        this.answer(response, 200, this.countOnline());
        return;
      case 'GET /analytics/dau':
        this.answer(response, 200, this.dau(url.searchParams));
        return;
      case 'GET /analytics/dau/realtime':
        this.answer(response, 200, this.liveDau());
        return;
      default:
        this.answer(response, 404, {});
    }
  }

  private answer(
    response: ServerResponse,
    status: number,
    body: object,
    headers: Record<string, string> = {},
  ): void {
    response.writeHead(status, {
      'content-type': 'application/json',
      date: new Date(this.options.now()).toUTCString(),
      ...headers,
    });
    response.end(JSON.stringify(body));
  }

  private userOf(request: IncomingMessage): string | undefined {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) return undefined;
    try {
      const clockTimestamp = Math.floor(this.options.now() / 1000);
      const claims = jsonwebtoken.verify(token, this.options.secret, {
        algorithms: ['HS256'],
        clockTimestamp,
      });
      if (typeof claims === 'string') return 'invalid';
      const userId: unknown = claims['userId'] ?? claims.sub;
      return typeof userId === 'string' && claims.exp !== undefined ? userId : 'invalid';
    } catch {
      return 'invalid';
    }
  }

  private fails(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    text: string,
    user: string | undefined,
  ): boolean {
    const every = this.options.failsEvery;
    this.posts += 1;
    if (every === undefined || this.posts % every !== 0) return false;
    switch ((this.posts / every) % 3) {
      case 0:
        this.answer(response, 503, { code: 'UNAVAILABLE' }, { 'retry-after': '0' });
        break;
      case 1:
        this.answer(response, 429, { code: 'TOO_MANY' }, { 'retry-after': '0' });
        break;
      default:
        if (path === '/analytics/events') this.record(text, user);
        else this.beat(text, user ?? '');
        request.socket.destroy();
    }
    return true;
  }

  private record(text: string, tokenUser: string | undefined): object {
    const { bug, now } = this.options;
    const { events, sentAt } = JSON.parse(text) as { events: WireEvent[]; sentAt?: number };
    const skewMs = sentAt === undefined ? 0 : sentAt * 1000 - now();
    const correctionMs = Math.abs(skewMs) > 300_000 && bug !== 'trusts wrong clocks' ? skewMs : 0;
    const rejected: { index: number; code: string; message: string; eventId?: string }[] = [];
    let [accepted, duplicates] = [0, 0];
    const user = bug === 'ignores the token of a batch' ? undefined : tokenUser;
    const batchIsBad =
      bug === 'fails the neighbours of a bad event' && events.some((event) => problemOf(event));
    events.forEach((event, index) => {
      const timeMs = Math.round(Number(event.clientTs) * 1000 - correctionMs);
      const outOfRange = timeMs > now() + 600_000 || timeMs < now() - 7 * 24 * HOUR_MS;
      const code = problemOf(event) ?? (outOfRange ? 'EVENT_TIME' : batchIsBad ? 'BATCH' : undefined);
      if (code !== undefined) {
        if (bug === 'accepts bad events') {
          accepted += 1;
          return;
        }
        const eventId = typeof event.eventId === 'string' ? { eventId: event.eventId } : {};
        const reported = bug === 'reports a wrong index' ? index + 1 : index;
        rejected.push({ index: reported, code, message: code, ...eventId });
        return;
      }
      const key =
        String(event.eventId) + (bug === 'recognises repeats by corrected time' ? String(timeMs) : '');
      if (this.stored.has(key) && bug !== 'stores a repeated event again') {
        duplicates += bug === 'counts duplicates twice' ? 2 : 1;
        return;
      }
      accepted += 1;
      this.stored.add(key);
      // A service that answers first loses what it holds: here always of the same installs, because what every so
      // many events would hit depends on their order, and a person seen twice hides one loss.
      if (bug === 'answers before it stores' && /[0-3]$/.test(String(event.installId))) return;
      if (bug === 'forgets late events' && timeMs < now() - 300_000) return;
      if (event.eventName === 'app_session_start') this.addActive(event, user, timeMs);
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

  private addActive(event: WireEvent, user: string | undefined, timeMs: number): void {
    const { bug, now, freezesPastDays } = this.options;
    const day = dayOf(timeMs, bug === 'cuts days in UTC' ? 0 : 8);
    if (freezesPastDays === true && day < dayOf(now(), 8)) return;
    const userId = typeof event.userId === 'string' ? event.userId : user;
    const identity =
      userId === undefined || bug === 'knows installs only' ? `i:${String(event.installId)}` : `u:${userId}`;
    const seen = this.actives.get(day) ?? new Map<string, Active[]>();
    this.actives.set(day, seen);
    const places = seen.get(identity) ?? [];
    seen.set(identity, places);
    if (bug === 'keeps one city a person' && places.length > 0) return;
    const province = event.properties?.province ?? (bug === 'invents a province' ? '未知' : undefined);
    places.push({ province, city: event.properties?.city });
  }

  private beat(text: string, userId: string): object {
    const { bug, now } = this.options;
    if (bug === 'answers heartbeats with nothing') return {};
    const { installId } = JSON.parse(text) as { installId: string };
    const member = bug === 'counts installs online' ? installId : userId;
    if (bug !== 'forgets heartbeats' || !member.endsWith('7')) this.online.set(member, now());
    return { ok: true, serverTs: Math.floor(now() / 1000) };
  }

  private countOnline(): object {
    const threshold = this.options.now() - 180_000;
    const count = [...this.online.values()].filter((seen) => seen > threshold).length;
    return { count, windowSeconds: 180, queriedAt: new Date(this.options.now()).toISOString() };
  }

  private dau(query: URLSearchParams): object {
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

  private liveDau(): object {
    const day = dayOf(this.options.now(), 8);
    const exact = this.actives.get(day)?.size ?? 0;
    const dauCount = this.options.bug === 'sketches badly' ? Math.round(exact * 1.1) : exact;
    return {
      day,
      dauCount,
      method: 'hyperloglog',
      standardError: 0.0081,
      queriedAt: new Date().toISOString(),
    };
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
