import { somewhere, type Place } from '../simulation/planning/places.js';
import { Random } from '../simulation/planning/random.js';
import { activityOn, chooseMinute, joinersOn } from './story.js';

/** Users who joined before the history begins. */
const FOUNDERS = 2_000;
const FIRST_USER_ID = 880_000;
/** Probabilities that a user is active on a day. */
const HABITS = [
  { weight: 25, activity: 0.88 },
  { weight: 35, activity: 0.46 },
  { weight: 40, activity: 0.13 },
] as const;
const SYSTEMS = [
  { weight: 52, os: 'Android', osVersion: '15' },
  { weight: 28, os: 'iOS', osVersion: '18.1' },
  { weight: 20, os: 'HarmonyOS', osVersion: '5.0' },
] as const;

export interface DemoUser {
  readonly userId: string;
  readonly installId: string;
  readonly place: Required<Place>;
  readonly os: string;
  readonly osVersion: string;
  /** Number of the day on which the user joined; negative for founders. */
  readonly joined: number;
  readonly activity: number;
}

/** A visit of a user, at a minute and a second of its day. */
export interface Visit {
  readonly user: DemoUser;
  readonly second: number;
  readonly eventId: string;
}

/** The invented users. The same seed gives the same users and the same days. */
export class Population {
  private readonly users: DemoUser[] = [];
  private daysPeopled = 0;

  constructor(private readonly seed: string) {
    for (let i = 0; i < FOUNDERS; i++) this.add(-60);
  }

  /** Returns the visits of a day in their order. @param weekday 0 is Sunday */
  visitsOn(dayNumber: number, weekday: number): Visit[] {
    for (; this.daysPeopled <= dayNumber; this.daysPeopled++) {
      const daysBefore = dayNumber - this.daysPeopled;
      const weekdayThen = (weekday + 6 * daysBefore) % 7;
      for (let i = joinersOn(this.daysPeopled, weekdayThen); i > 0; i--) this.add(this.daysPeopled);
    }
    const random = Random.from(this.seed, 'day', dayNumber);
    const factor = activityOn(dayNumber, weekday);
    const visits: Visit[] = [];
    for (const user of this.users) {
      const age = dayNumber - user.joined;
      if (age < 0) break; // users are in the order in which they joined
      // Interest fades to a half within weeks. Everybody is active on the first day.
      const likely = user.activity * (0.5 + 0.5 * Math.exp(-age / 5)) * factor;
      if (age > 0 && !random.chance(Math.min(0.98, likely))) continue;
      for (let rest = random.chance(0.3) ? 2 : 1; rest > 0; rest--)
        visits.push({
          user,
          second: chooseMinute(random) * 60 + random.integer(0, 59),
          eventId: random.uuid(),
        });
    }
    return visits.sort((a, b) => a.second - b.second);
  }

  private add(joined: number): void {
    const random = Random.from(this.seed, 'user', this.users.length);
    const { os, osVersion } = random.weighted(SYSTEMS);
    this.users.push({
      userId: String(FIRST_USER_ID + this.users.length),
      installId: random.uuid(),
      place: somewhere(random),
      os,
      osVersion,
      joined,
      activity: random.weighted(HABITS).activity,
    });
  }
}

/** Returns the event of a visit in the request's shape. @param dayStartMs Unix milliseconds */
export function eventOf({ user, second, eventId }: Visit, dayStartMs: number): object {
  const { userId, installId, os, osVersion, place } = user;
  return {
    eventName: 'app_session_start',
    eventId,
    userId,
    installId,
    clientTs: dayStartMs / 1000 + second,
    properties: { os, osVersion, appVersion: '3.8.0', ...place },
  };
}
