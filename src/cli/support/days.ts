import { isDateKey, listDays } from '../../shared/utils/timezone.util.js';
import { UsageError } from './usage-error.js';

/** @throws UsageError unless the argument is a day that exists */
export function toDay(argument: string): string {
  if (!isDateKey(argument)) throw new UsageError(`"${argument}" is no day; write it as YYYY-MM-DD`);
  return argument;
}

/** @throws UsageError unless both are days, in order */
export function toDays(first: string, last: string): string[] {
  const days = listDays(toDay(first), toDay(last));
  if (days.length === 0) throw new UsageError(`${first} is later than ${last}`);
  return days;
}
