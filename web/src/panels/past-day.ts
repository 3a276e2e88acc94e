import type { Period } from '../api/polled-resource.js';
import { addDays, startOfShanghaiDay } from '../state/day-range.js';

/** Past days change no more. */
const PAST_EVERY_MS = 3_600_000;
/** The service has stored the last minute of a day by then. */
const SETTLED_AFTER_MS = 5 * 60_000;

/** Returns when a past day is asked for again: every hour, and once when its last minute is surely stored. */
export function periodOfPastDay(day: string): Period {
  const settledMs = startOfShanghaiDay(addDays(day, 1)) + SETTLED_AFTER_MS;
  return (askedMs) => (askedMs < settledMs ? Math.min(settledMs - askedMs, PAST_EVERY_MS) : PAST_EVERY_MS);
}
