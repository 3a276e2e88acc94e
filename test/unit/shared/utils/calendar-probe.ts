/**
 * Prints, as JSON, each day on which the calendar is wrong in the time zone of this process.
 * The reference is UTC plus eight hours for Shanghai.
 */
import {
  addDaysToKey,
  dayRange,
  formatToDateKey,
  isDateKey,
  minuteOf,
} from '../../../../src/shared/utils/timezone.util.js';

/** Samoa skipped a day in 2011, and Brazil last skipped a midnight in 2018. */
const YEARS = [2011, 2018, 2024, 2025, 2026];
const DAY_MS = 24 * 60 * 60 * 1000;
const QUARTER_MS = 15 * 60 * 1000;
const SHANGHAI_MS = 8 * 60 * 60 * 1000;

function keyOf(utcMidnight: number): string {
  return new Date(utcMidnight).toISOString().slice(0, 10);
}

/** Returns one minute of each quarter of an hour, also in an hour that a clock repeats. */
function hasRightMinutes(utcMidnight: number): boolean {
  for (let minute = utcMidnight; minute < utcMidnight + DAY_MS; minute += QUARTER_MS) {
    if (minuteOf(new Date(minute + 30_000), 500).getTime() !== minute) return false;
  }
  return true;
}

function isRight(utcMidnight: number): boolean {
  const day = keyOf(utcMidnight);
  const start = utcMidnight - SHANGHAI_MS;
  const range = dayRange(day);
  return (
    isDateKey(day) &&
    hasRightMinutes(utcMidnight) &&
    addDaysToKey(day, 1) === keyOf(utcMidnight + DAY_MS) &&
    addDaysToKey(day, -1) === keyOf(utcMidnight - DAY_MS) &&
    range.start.getTime() === start &&
    range.end.getTime() === start + DAY_MS &&
    formatToDateKey(new Date(start)) === day &&
    formatToDateKey(new Date(start - 1)) === keyOf(utcMidnight - DAY_MS)
  );
}

const wrong: string[] = [];
for (const year of YEARS) {
  for (let midnight = Date.UTC(year, 0, 1); midnight < Date.UTC(year + 1, 0, 1); midnight += DAY_MS) {
    if (!isRight(midnight)) wrong.push(keyOf(midnight));
  }
}
/** The offsets in January and July prove that the process runs in the intended time zone. */
const offsets = [0, 6].map((month) => new Date(2025, month).getTimezoneOffset());
console.log(JSON.stringify({ offsets, wrong }));
