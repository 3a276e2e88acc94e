import { formatToDateKey } from '../../src/shared/utils/timezone.util.js';
import type { HttpSender } from '../simulation/delivery/http-client.js';
import type { TokenIssuer } from '../simulation/delivery/token-issuer.js';
import { Random } from '../simulation/planning/random.js';
import { eventOf, type DemoUser, type Visit } from './population.js';
import type { DayPlan, Timeline } from './timeline.js';

const STEP_MS = 1_000;
const HEARTBEAT_MS = 60_000;
/** A user counts as online for this long after the last heartbeat. */
const WINDOW_MS = 180_000;
const MEAN_SESSION_MS = 420_000;
const SHORTEST_SESSION_MS = 60_000;
/** New sessions of one step; the start fills the curve within seconds. */
const MAX_STARTS = 100;

interface Session {
  readonly user: DemoUser;
  readonly endMs: number;
  nextBeatMs: number;
}

/** Users who come and go by the plan of the day, as many at a time as its curve says. */
export class LivingCrowd {
  private readonly random = Random.from('crowd', Date.now());
  private readonly sessions = new Map<string, Session>();
  /** Time until which each user counts as online. */
  private readonly onlineUntilMs = new Map<string, number>();
  private plan: DayPlan;
  /** Index of the next visit of the plan. */
  private next = 0;
  private timer: NodeJS.Timeout | undefined;
  failures = 0;

  constructor(
    private readonly timeline: Timeline,
    private readonly http: HttpSender,
    private readonly tokens: TokenIssuer,
    private readonly now: () => number,
  ) {
    this.plan = timeline.planOf(formatToDateKey(new Date(now())));
    this.skipPast();
  }

  /** Users of today who have come, and will come again. */
  get seen(): number {
    return this.next;
  }

  start(): void {
    this.timer = setInterval(() => {
      this.step();
    }, STEP_MS);
    this.step();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private step(): void {
    const nowMs = this.now();
    this.turnDay(nowMs);
    for (const [id, untilMs] of this.onlineUntilMs) if (untilMs <= nowMs) this.onlineUntilMs.delete(id);
    const starts = this.takeDue(nowMs);
    const target = this.timeline.onlineAt(this.plan, nowMs);
    while (this.onlineUntilMs.size + starts.length < target && starts.length < MAX_STARTS) {
      const visit = this.plan.visits[this.random.integer(0, Math.max(0, this.next - 1))];
      if (visit === undefined) break;
      // A user who is here already stays longer.
      starts.push({ ...visit, second: this.secondOf(nowMs), eventId: this.random.uuid() });
    }
    this.begin(starts, nowMs);
    for (const [id, session] of this.sessions) {
      if (session.nextBeatMs > nowMs) continue;
      if (session.endMs <= nowMs) this.sessions.delete(id);
      else this.beat(session, nowMs);
    }
  }

  private turnDay(nowMs: number): void {
    const today = formatToDateKey(new Date(nowMs));
    if (today === this.plan.day) return;
    this.plan = this.timeline.planOf(today);
    this.next = 0;
  }

  private skipPast(): void {
    const second = this.secondOf(this.now());
    while ((this.plan.visits[this.next]?.second ?? Infinity) < second) this.next++;
  }

  private takeDue(nowMs: number): Visit[] {
    const second = this.secondOf(nowMs);
    const due: Visit[] = [];
    for (let visit = this.plan.visits[this.next]; visit !== undefined && visit.second <= second;) {
      due.push(visit);
      visit = this.plan.visits[++this.next];
    }
    return due;
  }

  private begin(visits: readonly Visit[], nowMs: number): void {
    for (const visit of visits) {
      const { user } = visit;
      const endMs = nowMs + SHORTEST_SESSION_MS + this.random.exponential(MEAN_SESSION_MS);
      const session = { user, endMs, nextBeatMs: nowMs };
      this.sessions.set(user.userId, session);
      this.onlineUntilMs.set(user.userId, nowMs + WINDOW_MS);
      this.send('/analytics/events', { events: [eventOf(visit, this.plan.startMs)] }, user.userId);
    }
  }

  private beat(session: Session, nowMs: number): void {
    const { userId, installId } = session.user;
    session.nextBeatMs = nowMs + HEARTBEAT_MS;
    this.onlineUntilMs.set(userId, nowMs + WINDOW_MS);
    this.send('/presence/heartbeat', { installId, appVersion: '3.8.0', clientTs: nowMs / 1000 }, userId);
  }

  /** Sends under a token of this demo: another service on its port refuses it. A lost message is no loss to a demo. */
  private send(path: string, body: object, userId: string): void {
    const token = this.tokens.forUser(userId);
    void this.http.send({ method: 'POST', path, body: JSON.stringify(body), token }).then((outcome) => {
      if (outcome.kind !== 'response' || outcome.status !== 200) this.failures++;
    });
  }

  private secondOf(nowMs: number): number {
    return Math.floor((nowMs - this.plan.startMs) / 1000);
  }
}
