/**
 * Run by plain Node in some process time zone: prints, as JSON, every day of some years that the calendar gets wrong
 * there. Right is what UTC says of the calendar, and of Shanghai that it is eight hours ahead.
 */
import {
  addDaysToKey,
  dayRange,
  formatToDateKey,
  isDateKey,
  minuteOf,
} from '../../../../src/shared/utils/timezone.util.js';

/** Samoa skipped a day in 2011; Brazil skipped a midnight for the last time in 2018; the others are of our time. */
const YEARS = [2011, 2018, 2024, 2025, 2026];
const DAY_MS = 24 * 60 * 60 * 1000;
const QUARTER_MS = 15 * 60 * 1000;
const SHANGHAI_MS = 8 * 60 * 60 * 1000;

function keyOf(utcMidnight: number): string {
  return new Date(utcMidnight).toISOString().slice(0, 10);
}

/** The minutes of a day, one in each quarter of an hour: also in the hour that a clock shows twice. */
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
/** Minutes behind UTC in January and in July: proof that the process is where it was meant to be. */
const offsets = [0, 6].map((month) => new Date(2025, month).getTimezoneOffset());
console.log(JSON.stringify({ offsets, wrong }));
