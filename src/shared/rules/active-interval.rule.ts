import { addDaysToKey, countDays, type DateKey } from '../utils/timezone.util.js';

export const ACTIVE_INTERVALS = ['day', 'week', 'month', 'span'] as const;
export type ActiveInterval = (typeof ACTIVE_INTERVALS)[number];

/** Levels at which places are counted. */
export const PLACE_LEVELS = ['province', 'city'] as const;
export type PlaceLevel = (typeof PLACE_LEVELS)[number];

/** Cohorts of a day: those new on it, or all active on it. */
export const COHORTS = ['new', 'active'] as const;
export type Cohort = (typeof COHORTS)[number];

/** Longest window of rolling figures, in days. */
export const MAX_WINDOW = 366;
/** The window whose figure the stickiness of a day compares with its DAU. */
export const STICKINESS_WINDOW = 30;

/** Days of Asia/Shanghai, both included. */
export interface Interval {
  readonly first: DateKey;
  readonly last: DateKey;
}

const EPOCH_MONDAY = '1970-01-05';
const DAYS_A_WEEK = 7;

/**
 * Lists the intervals that the range touches, whole and ascending.
 * Weeks start on Monday, months are the calendar's, and a span is the range itself.
 */
export function listIntervals(first: DateKey, last: DateKey, interval: ActiveInterval): Interval[] {
  if (interval === 'span') return [{ first, last }];
  const intervals: Interval[] = [];
  for (let day = first; day <= last;) {
    const whole = intervalOf(day, interval);
    intervals.push(whole);
    day = addDaysToKey(whole.last, 1);
  }
  return intervals;
}

function intervalOf(day: DateKey, interval: Exclude<ActiveInterval, 'span'>): Interval {
  if (interval === 'day') return { first: day, last: day };
  if (interval === 'month') return { first: `${day.slice(0, 7)}-01`, last: lastOfMonth(day) };
  const daysSinceMonday = (((countDays(EPOCH_MONDAY, day) - 1) % DAYS_A_WEEK) + DAYS_A_WEEK) % DAYS_A_WEEK;
  const monday = addDaysToKey(day, -daysSinceMonday);
  return { first: monday, last: addDaysToKey(monday, DAYS_A_WEEK - 1) };
}

function lastOfMonth(day: DateKey): DateKey {
  // The 28th and four days are always in the next month.
  const inNextMonth = addDaysToKey(`${day.slice(0, 7)}-28`, 4);
  return addDaysToKey(`${inNextMonth.slice(0, 7)}-01`, -1);
}
