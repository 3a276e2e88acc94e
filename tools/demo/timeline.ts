import {
  addDaysToKey,
  countDays,
  formatToDateKey,
  startOfDayInTimezone,
} from '../../src/shared/utils/timezone.util.js';
import { eventOf, Population, type Visit } from './population.js';
import { MINUTES_A_DAY, onlineAt } from './story.js';

const MINUTE_MS = 60_000;

export interface Snapshot {
  readonly atMs: number;
  readonly onlineCount: number;
}

export interface DayPlan {
  readonly day: string;
  readonly startMs: number;
  readonly visits: readonly Visit[];
  /** Distinct users of the whole day. */
  readonly dau: number;
}

/** The invented days, counted from the first one of the history. */
export class Timeline {
  private readonly population: Population;

  constructor(readonly firstDay: string) {
    this.population = new Population(firstDay);
  }

  planOf(day: string): DayPlan {
    const visits = this.population.visitsOn(this.numberOf(day), new Date(`${day}T00:00:00Z`).getUTCDay());
    return {
      day,
      startMs: startOfDayInTimezone(day).getTime(),
      visits,
      dau: new Set(visits.map(({ user }) => user)).size,
    };
  }

  /** Yields the events and snapshots of each day within the half-open span, oldest day first. */
  *between(fromMs: number, untilMs: number): Generator<{ events: object[]; snapshots: Snapshot[] }> {
    const last = formatToDateKey(new Date(untilMs));
    for (let day = formatToDateKey(new Date(fromMs)); day <= last; day = addDaysToKey(day, 1)) {
      const plan = this.planOf(day);
      const isWithin = (atMs: number): boolean => atMs >= fromMs && atMs < untilMs;
      yield {
        events: plan.visits
          .filter(({ second }) => isWithin(plan.startMs + second * 1000))
          .map((visit) => eventOf(visit, plan.startMs)),
        snapshots: this.snapshotsOf(plan).filter(({ atMs }) => isWithin(atMs)),
      };
    }
  }

  /** Users online at an instant. */
  onlineAt(plan: DayPlan, atMs: number): number {
    const minute = Math.floor((atMs - plan.startMs) / MINUTE_MS);
    return onlineAt(this.numberOf(plan.day), minute, plan.dau) ?? 0;
  }

  private snapshotsOf(plan: DayPlan): Snapshot[] {
    const number = this.numberOf(plan.day);
    return Array.from({ length: MINUTES_A_DAY }, (_, minute) => ({
      atMs: plan.startMs + minute * MINUTE_MS,
      onlineCount: onlineAt(number, minute, plan.dau),
    })).filter((each): each is Snapshot => each.onlineCount !== null);
  }

  private numberOf(day: string): number {
    return countDays(this.firstDay, day) - 1;
  }
}
