import { addHours } from 'date-fns';
import { fromZonedTime } from 'date-fns-tz';

/** The zone of every calendar day, whatever the zone of the process. */
export const DEFAULT_TIMEZONE = 'Asia/Shanghai';

/** A calendar day, `YYYY-MM-DD`. Days compare and sort as text. */
export type DateKey = string;

/** A half-open span of time: `start <= t < end`. */
export interface TimeRange {
  readonly start: Date;
  readonly end: Date;
}

const DATE_KEY = /^\d{4}-\d{2}-\d{2}$/;
/** There is no year 0. */
const FIRST_KEY: DateKey = '0001-01-01';
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** True for a day that exists: `2024-02-29`, not `2025-02-29` and not `2025-1-1`. */
export function isDateKey(value: string): boolean {
  // A parser may read 29 February of a common year as 1 March.
  return (
    DATE_KEY.test(value) &&
    value >= FIRST_KEY &&
    !Number.isNaN(dayNumber(value)) &&
    addDaysToKey(value, 0) === value
  );
}

// Caches by quarter of an hour, within which no zone has ever changed its offset or its day. Formatting
// through Intl costs microseconds, and events come by the thousand.
const QUARTER_MS = 15 * 60 * 1000;
const MAX_REMEMBERED_QUARTERS = 4096;
const dayOfQuarter = new Map<number, DateKey>();
/** The last quarter that was asked for: most events of a flush are of one. */
let lastQuarter = NaN;
let dayOfLastQuarter: DateKey = '';

// Avoids date-fns, which formats in the zone of the process; some zones have skipped a day. This locale
// writes YYYY-MM-DD.
const CALENDAR = new Intl.DateTimeFormat('en-CA', {
  timeZone: DEFAULT_TIMEZONE,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});

/** Returns the Asia/Shanghai day of an instant. */
export function formatToDateKey(instant: Date): DateKey {
  const quarter = Math.floor(instant.getTime() / QUARTER_MS);
  if (quarter === lastQuarter) return dayOfLastQuarter;
  let day = dayOfQuarter.get(quarter);
  if (day === undefined) {
    day = CALENDAR.format(instant);
    if (dayOfQuarter.size >= MAX_REMEMBERED_QUARTERS) dayOfQuarter.clear();
    dayOfQuarter.set(quarter, day);
  }
  lastQuarter = quarter;
  dayOfLastQuarter = day;
  return day;
}

const MAX_REMEMBERED_DAYS = 512;
const startMsOfDay = new Map<DateKey, number>();

/** Returns the first instant of a day. */
export function startOfDayInTimezone(day: DateKey): Date {
  let startMs = startMsOfDay.get(day);
  if (startMs === undefined) {
    startMs = fromZonedTime(`${day}T00:00:00.000`, DEFAULT_TIMEZONE).getTime();
    if (startMsOfDay.size >= MAX_REMEMBERED_DAYS) startMsOfDay.clear();
    startMsOfDay.set(day, startMs);
  }
  return new Date(startMs);
}

/** Returns the instant of an hour of a day's clock. */
export function hourOfDay(day: DateKey, hour: number): Date {
  return addHours(startOfDayInTimezone(day), hour);
}

/** Returns the start of the minute of an instant, or of the minute that begins within `toleranceMs`. */
export function minuteOf(instant: Date, toleranceMs: number): Date {
  // Avoids startOfMinute(), which uses the clock of the process and repeats an hour in autumn.
  return new Date(Math.floor((instant.getTime() + toleranceMs) / MINUTE_MS) * MINUTE_MS);
}

/** Returns the half-open range of a day's instants. */
export function dayRange(day: DateKey): TimeRange {
  return { start: startOfDayInTimezone(day), end: startOfDayInTimezone(addDaysToKey(day, 1)) };
}

/**
 * Returns the day `amount` days later, or earlier when negative.
 * @throws RangeError when that day is outside the years 1 to 9999, where days do not sort as text
 */
export function addDaysToKey(day: DateKey, amount: number): DateKey {
  const key = new Date((dayNumber(day) + amount) * DAY_MS).toISOString().slice(0, 10);
  if (!DATE_KEY.test(key) || key < FIRST_KEY) throw new RangeError(`${amount} days from ${day} have no key`);
  return key;
}

/** Counts the days from `first` to `last`, both included; zero or less when they are reversed. */
export function countDays(first: DateKey, last: DateKey): number {
  return dayNumber(last) - dayNumber(first) + 1;
}

/** Lists the days from `first` to `last`, both included. */
export function listDays(first: DateKey, last: DateKey): DateKey[] {
  // Counts, because the day after 9999-12-31 has no key.
  const length = Math.max(countDays(first, last), 0);
  return Array.from({ length }, (_, n) => addDaysToKey(first, n));
}

/** Returns days since 1970-01-01, in UTC, where every day has 24 hours. */
function dayNumber(day: DateKey): number {
  return Date.parse(`${day}T00:00:00Z`) / DAY_MS;
}
