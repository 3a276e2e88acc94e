import { addDays, format, isValid, parse } from 'date-fns';
import { formatInTimeZone, fromZonedTime } from 'date-fns-tz';

/** Every day of the service is a calendar day here, whatever the process's own zone is. */
export const DEFAULT_TIMEZONE = 'Asia/Shanghai';

/** A calendar day, `YYYY-MM-DD`. Days compare and sort as text. */
export type DateKey = string;

/** A half-open span of time: `start <= t < end`. */
export interface TimeRange {
  readonly start: Date;
  readonly end: Date;
}

const DATE_KEY = /^\d{4}-\d{2}-\d{2}$/;

/** True for a day that exists: `2024-02-29`, not `2025-02-29` and not `2025-1-1`. */
export function isDateKey(value: string): boolean {
  if (!DATE_KEY.test(value)) return false;
  const parsed = parse(value, 'yyyy-MM-dd', new Date(0));
  return isValid(parsed) && format(parsed, 'yyyy-MM-dd') === value;
}

// Formatting through Intl costs microseconds, and events come by the thousand within few distinct quarters of an
// hour. No zone has ever changed its offset, nor its day, within a quarter of an hour.
const QUARTER_MS = 15 * 60 * 1000;
const MAX_REMEMBERED_QUARTERS = 4096;
const dayOfQuarter = new Map<number, DateKey>();

/** The Asia/Shanghai day in which an instant falls. */
export function formatToDateKey(instant: Date): DateKey {
  const quarter = Math.floor(instant.getTime() / QUARTER_MS);
  let day = dayOfQuarter.get(quarter);
  if (day === undefined) {
    day = formatInTimeZone(instant, DEFAULT_TIMEZONE, 'yyyy-MM-dd');
    if (dayOfQuarter.size >= MAX_REMEMBERED_QUARTERS) dayOfQuarter.clear();
    dayOfQuarter.set(quarter, day);
  }
  return day;
}

/** The first instant of a day. */
export function startOfDayInTimezone(day: DateKey): Date {
  return fromZonedTime(`${day}T00:00:00.000`, DEFAULT_TIMEZONE);
}

/** The instants of a day, from its first to the next day's first, which is no longer in it. */
export function dayRange(day: DateKey): TimeRange {
  return { start: startOfDayInTimezone(day), end: startOfDayInTimezone(addDaysToKey(day, 1)) };
}

/** The day `amount` days later (earlier when negative). */
export function addDaysToKey(day: DateKey, amount: number): DateKey {
  // Calendar arithmetic in the process's zone, both ways: the zone cancels out.
  return format(addDays(parse(day, 'yyyy-MM-dd', new Date(0)), amount), 'yyyy-MM-dd');
}

/** Number of days from `first` to `last`, both included; zero or less when they are reversed. */
export function countDays(first: DateKey, last: DateKey): number {
  return (Date.parse(`${last}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / 86_400_000 + 1;
}

/** The days from `first` to `last`, both included. */
export function listDays(first: DateKey, last: DateKey): DateKey[] {
  const days: DateKey[] = [];
  for (let day = first; day <= last; day = addDaysToKey(day, 1)) days.push(day);
  return days;
}
