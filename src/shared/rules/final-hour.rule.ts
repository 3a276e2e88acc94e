import { addDaysToKey, hourOfDay, type DateKey } from '../utils/timezone.util.js';

/** The hour of the next day, Asia/Shanghai, whose calculation makes a day final. */
export const FINAL_HOUR = 1;

/** Returns the instant from which a calculation of the day is final, until late events arrive. */
export function finalFrom(day: DateKey): Date {
  return hourOfDay(addDaysToKey(day, 1), FINAL_HOUR);
}
