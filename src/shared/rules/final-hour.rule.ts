import { addDaysToKey, formatToDateKey, hourOfDay, type DateKey } from '../utils/timezone.util.js';

/** The hour of the next day, Asia/Shanghai, whose calculation makes a day final. */
export const FINAL_HOUR = 1;

/** True when stats calculated at this instant are final, until late events arrive. */
export function isFinal(day: DateKey, calculatedAt: Date): boolean {
  return calculatedAt >= finalFrom(day);
}

/** Returns the last day whose stats are final when they are calculated at this instant. */
export function lastFinalDay(calculatedAt: Date): DateKey {
  const yesterday = addDaysToKey(formatToDateKey(calculatedAt), -1);
  return isFinal(yesterday, calculatedAt) ? yesterday : addDaysToKey(yesterday, -1);
}

/** Returns the instant from which a calculation of the day is final, until late events arrive. */
export function finalFrom(day: DateKey): Date {
  return hourOfDay(addDaysToKey(day, 1), FINAL_HOUR);
}
