import { SESSION_END, SESSION_START, type PlanContext, type PlannedEvent } from './device-plan.js';
import type { Interval } from './interval.js';
import type { Place } from './places.js';
import type { Random } from './random.js';

export const OLDEST_BACKLOG_MS = 30 * 60_000;
const MEAN_PAGE_MS = 10_000;
const PAGE_EVENTS = [
  { weight: 70, name: 'page_view' },
  { weight: 20, name: 'button_click' },
  { weight: 6, name: 'search' },
  { weight: 4, name: 'share' },
] as const;
const PAGES = ['home', 'discover', 'detail', 'cart', 'profile', 'settings', 'messages'] as const;

/** Plans the sessions of one device and the events in them. */
export class SessionPlanner {
  constructor(
    private readonly context: PlanContext,
    private readonly random: Random,
  ) {}

  /** Returns short glances and longer visits; the last one ends a little before the run does. */
  planForeground(): Interval[] {
    const { random } = this;
    const { durationMs, speed } = this.context;
    const closingMs = durationMs * random.between(0.9, 1);
    const sessions: Interval[] = [];
    let startMs = random.between(0, 0.6) * durationMs;
    while (startMs < closingMs) {
      const lengthMs = random.chance(0.35) ? random.between(5_000, 20_000) : random.logNormal(150_000, 0.8);
      const endMs = Math.min(startMs + lengthMs / speed, closingMs);
      sessions.push({ startMs, endMs });
      startMs = endMs + (3_000 + random.exponential(60_000)) / speed;
    }
    return sessions;
  }

  /** Returns the events of one session during the run. */
  planSession(session: Interval, place: Place | undefined, loginMs: number): PlannedEvent[] {
    const events = this.planVisit(session, place, MEAN_PAGE_MS / this.context.speed);
    if (session.startMs < loginMs && loginMs < session.endMs && this.random.chance(0.6)) {
      // Many SDKs open a new session when the identity changes; the others name the user in the next session.
      events.push(this.planEvent(loginMs, SESSION_START, place));
      events.sort((left, right) => left.atMs - right.atMs);
    }
    return events;
  }

  /** Returns whole sessions from the minutes before the run, which still wait on the device. */
  planBacklog(place: Place | undefined): PlannedEvent[] {
    const { random } = this;
    const events: PlannedEvent[] = [];
    let startMs = -random.between(10 * 60_000, OLDEST_BACKLOG_MS);
    for (let rest = random.integer(1, 3); rest > 0; rest -= 1) {
      const endMs = startMs + random.between(20_000, 120_000);
      events.push(...this.planVisit({ startMs, endMs }, place, MEAN_PAGE_MS));
      startMs = endMs + random.between(10_000, 60_000);
    }
    return events;
  }

  planEvent(atMs: number, name: string, place: Place | undefined): PlannedEvent {
    const eventId = this.random.uuid();
    return place === undefined ? { atMs, name, eventId } : { atMs, name, eventId, place };
  }

  private planVisit(
    { startMs, endMs }: Interval,
    place: Place | undefined,
    meanPageMs: number,
  ): PlannedEvent[] {
    const events = [this.planEvent(startMs, SESSION_START, place)];
    let atMs = startMs + this.random.exponential(meanPageMs);
    while (atMs < endMs) {
      const name = this.random.weighted(PAGE_EVENTS).name;
      events.push({ ...this.planEvent(atMs, name, place), page: this.random.pick(PAGES) });
      atMs += this.random.exponential(meanPageMs);
    }
    events.push(this.planEvent(endMs, SESSION_END, place));
    return events;
  }
}
