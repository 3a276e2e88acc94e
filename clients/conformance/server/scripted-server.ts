import type { Arrival, ArrivedEvent, RawRequest } from './arrival.js';
import { readRequest } from './read-request.js';
import { VERDICTS, type Reply, type WireAnswer } from './reply.js';

/** Returns the reply to a request of a scenario. */
export type Script = (arrival: Arrival) => Reply;

export interface KitClock {
  /** Time of the kit. */
  nowMs(): number;
  /** Time that the clock of the device shows. */
  deviceMs(): number;
}

interface Held {
  readonly arrival: Arrival;
  readonly resolve: (answer: WireAnswer | null) => void;
}

const EVENTS = '/analytics/events';
const HEARTBEAT = '/presence/heartbeat';
const TOKENS = '/kit/token';

/** The service as a scenario wants it, by requests; a front brings them from HTTP or from memory. */
export class ScriptedServer {
  readonly arrivals: Arrival[] = [];
  /** Requests for tokens, with the user. */
  readonly tokenRequests: string[] = [];
  /** Events by id, as they were stored first. */
  readonly stored = new Map<string, ArrivedEvent>();
  events: Script = () => VERDICTS;
  heartbeats: Script = () => VERDICTS;
  private readonly held = new Set<Held>();
  private readonly expired = new Set<string>();
  private issued = 0;

  constructor(private readonly clock: KitClock) {}

  get heldRequests(): number {
    return this.held.size;
  }

  /** Makes all tokens so far expired. */
  expireTokens(): void {
    for (let number = 1; number <= this.issued; number += 1) this.expired.add(String(number));
  }

  /** Answers every request that was held. */
  release(): void {
    for (const each of this.held) {
      this.held.delete(each);
      each.resolve(this.answer(each.arrival, VERDICTS));
    }
  }

  /** @returns null when the connection is to be cut */
  async receive(request: RawRequest, gone: AbortSignal): Promise<WireAnswer | null> {
    const { pathname, searchParams } = new URL(request.path, 'http://kit');
    if (pathname === TOKENS) return this.issueToken(searchParams.get('userId') ?? '');
    if (pathname !== EVENTS && pathname !== HEARTBEAT) return problem(404, 'route_not_found');
    const arrival = this.note(request, pathname === EVENTS ? 'events' : 'heartbeat');
    if (arrival.token !== null && this.expired.has(numberOf(arrival.token))) {
      return this.answer(arrival, { kind: 'problem', status: 401, code: 'token_expired' });
    }
    if (arrival.route === 'heartbeat' && arrival.token === null) {
      return this.answer(arrival, { kind: 'problem', status: 401, code: 'token_missing' });
    }
    const reply = arrival.route === 'events' ? this.events(arrival) : this.heartbeats(arrival);
    if (reply.kind !== 'held') return this.answer(arrival, reply);
    return this.hold(arrival, gone);
  }

  private hold(arrival: Arrival, gone: AbortSignal): Promise<WireAnswer | null> {
    arrival.status = 'held';
    return new Promise((resolve) => {
      const held = { arrival, resolve };
      this.held.add(held);
      gone.addEventListener('abort', () => {
        this.held.delete(held);
        resolve(null);
      });
    });
  }

  private issueToken(userId: string): WireAnswer {
    this.tokenRequests.push(userId);
    this.issued += 1;
    return json(200, { token: `kit-${userId}-${this.issued}` });
  }

  private note(request: RawRequest, route: Arrival['route']): Arrival {
    const { bytes, body, events, mistake } = readRequest(request, route === 'events');
    const token = /^Bearer (.+)$/.exec(request.headers['authorization'] ?? '')?.[1] ?? null;
    const open = new Set([...this.held].flatMap((held) => held.arrival.events.map(({ eventId }) => eventId)));
    const arrival: Arrival = {
      ...{ route, bytes, events, mistake, token },
      tokenUser: token === null ? null : (token.split('-')[1] ?? ''),
      atMs: this.clock.nowMs(),
      deviceMs: this.clock.deviceMs(),
      sentAt: body['sentAt'],
      doubled: events.map(({ eventId }) => eventId).filter((eventId) => open.has(eventId)),
      status: 0,
      confirmedMs: null,
      mismatched: [],
    };
    this.arrivals.push(arrival);
    return arrival;
  }

  private answer(arrival: Arrival, reply: Reply): WireAnswer | null {
    switch (reply.kind) {
      case 'reset':
      case 'held':
        arrival.status = 'reset';
        return null;
      case 'lost':
        this.judge(arrival);
        arrival.status = 'lost';
        return null;
      case 'foreign':
        arrival.status = reply.status;
        return { status: reply.status, headers: { 'content-type': reply.type }, body: reply.body };
      case 'problem':
        arrival.status = reply.status;
        return problem(reply.status, reply.code, reply.retryAfterSeconds);
      case 'verdicts':
        return this.confirm(arrival, reply.reject);
    }
  }

  private confirm(arrival: Arrival, reject?: (event: ArrivedEvent) => string | null): WireAnswer {
    if (arrival.route === 'heartbeat') {
      arrival.status = 200;
      arrival.confirmedMs = this.clock.nowMs();
      return json(200, { ok: true, serverTs: this.clock.nowMs() / 1000 });
    }
    if (arrival.mistake !== null) {
      const tooLarge = arrival.mistake.includes('bytes');
      arrival.status = tooLarge ? 413 : 400;
      return tooLarge ? problem(413, 'body_too_large') : problem(400, 'batch_invalid');
    }
    arrival.status = 200;
    arrival.confirmedMs = this.clock.nowMs();
    return json(200, this.judge(arrival, reject));
  }

  /** Stores the events and returns their verdicts. */
  private judge(arrival: Arrival, reject?: (event: ArrivedEvent) => string | null) {
    const { events, tokenUser } = arrival;
    const verdicts = { accepted: 0, duplicates: 0, failed: 0, rejected: [] as unknown[] };
    events.forEach((event, index) => {
      const { userId } = event.fields;
      const isForeign = tokenUser !== null && userId !== undefined && userId !== tokenUser;
      const code = isForeign ? 'user_id_mismatch' : (reject?.(event) ?? null);
      if (code === 'user_id_mismatch') arrival.mismatched = [...arrival.mismatched, event.eventId];
      if (code !== null) {
        verdicts.failed += 1;
        verdicts.rejected.push({ index, eventId: event.eventId, code, message: 'The kit rejects it.' });
      } else if (this.stored.has(event.eventId)) verdicts.duplicates += 1;
      else {
        this.stored.set(event.eventId, event);
        verdicts.accepted += 1;
      }
    });
    return verdicts;
  }
}

function numberOf(token: string): string {
  return token.split('-')[2] ?? '';
}

function json(status: number, body: unknown): WireAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function problem(status: number, code: string, retryAfterSeconds?: number): WireAnswer {
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    },
    body: JSON.stringify({ type: `urn:problem:analytics-presence:${code}`, status, code, detail: code }),
  };
}
