import { addHours } from 'date-fns';
import { fromZonedTime } from 'date-fns-tz';

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
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** True for a day that exists: `2024-02-29`, not `2025-02-29` and not `2025-1-1`. */
export function isDateKey(value: string): boolean {
  // A parser may read 29 February of a common year as 1 March; there is no year 0.
  return (
    DATE_KEY.test(value) &&
    value >= '0001' &&
    !Number.isNaN(dayNumber(value)) &&
    addDaysToKey(value, 0) === value
  );
}

// Formatting through Intl costs microseconds, and events come by the thousand within few distinct quarters of an
// hour. No zone has ever changed its offset, nor its day, within a quarter of an hour.
const QUARTER_MS = 15 * 60 * 1000;
const MAX_REMEMBERED_QUARTERS = 4096;
const dayOfQuarter = new Map<number, DateKey>();

// Not date-fns: it formats by way of the process's zone, some of which have skipped a day. This locale writes
// YYYY-MM-DD.
const CALENDAR = new Intl.DateTimeFormat('en-CA', {
  timeZone: DEFAULT_TIMEZONE,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});

/** The Asia/Shanghai day in which an instant falls. */
export function formatToDateKey(instant: Date): DateKey {
  const quarter = Math.floor(instant.getTime() / QUARTER_MS);
  let day = dayOfQuarter.get(quarter);
  if (day === undefined) {
    day = CALENDAR.format(instant);
    if (dayOfQuarter.size >= MAX_REMEMBERED_QUARTERS) dayOfQuarter.clear();
    dayOfQuarter.set(quarter, day);
  }
  return day;
}

const MAX_REMEMBERED_DAYS = 512;
const startMsOfDay = new Map<DateKey, number>();

/** The first instant of a day. */
export function startOfDayInTimezone(day: DateKey): Date {
  let startMs = startMsOfDay.get(day);
  if (startMs === undefined) {
    startMs = fromZonedTime(`${day}T00:00:00.000`, DEFAULT_TIMEZONE).getTime();
    if (startMsOfDay.size >= MAX_REMEMBERED_DAYS) startMsOfDay.clear();
    startMsOfDay.set(day, startMs);
  }
  return new Date(startMs);
}

/** An hour of the clock on a day. */
export function hourOfDay(day: DateKey, hour: number): Date {
  return addHours(startOfDayInTimezone(day), hour);
}

/** The start of the minute that an instant is in, or will be in within `toleranceMs`. */
export function minuteOf(instant: Date, toleranceMs: number): Date {
  // Not startOfMinute(): it goes by the process's clock, which shows one hour twice when summer time ends.
  return new Date(Math.floor((instant.getTime() + toleranceMs) / MINUTE_MS) * MINUTE_MS);
}

/** The instants of a day, from its first to the next day's first, which is no longer in it. */
export function dayRange(day: DateKey): TimeRange {
  return { start: startOfDayInTimezone(day), end: startOfDayInTimezone(addDaysToKey(day, 1)) };
}

/** The day `amount` days later (earlier when negative). */
export function addDaysToKey(day: DateKey, amount: number): DateKey {
  return new Date((dayNumber(day) + amount) * DAY_MS).toISOString().slice(0, 10);
}

/** Number of days from `first` to `last`, both included; zero or less when they are reversed. */
export function countDays(first: DateKey, last: DateKey): number {
  return dayNumber(last) - dayNumber(first) + 1;
}

/** The days from `first` to `last`, both included. */
export function listDays(first: DateKey, last: DateKey): DateKey[] {
  const days: DateKey[] = [];
  for (let day = first; day <= last; day = addDaysToKey(day, 1)) days.push(day);
  return days;
}

/** Days since 1970-01-01. Calendars are reckoned in UTC, where every day has 24 hours and none is skipped. */
function dayNumber(day: DateKey): number {
  return Date.parse(`${day}T00:00:00Z`) / DAY_MS;
}
