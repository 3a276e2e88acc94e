import { SystemClock } from '../../infrastructure/system/system-clock.js';
import { formatToDateKey, isDateKey, listDays } from '../../shared/utils/timezone.util.js';
import type { CommandPositional } from './command-definition.js';
import { UsageError } from './usage-error.js';

/** Positionals of a command that works on one day or on a span of days. */
export const FIRST_DAY: CommandPositional = {
  name: 'FIRST-DAY',
  help: 'day of Asia/Shanghai as YYYY-MM-DD; alone it is the only day',
};
export const LAST_DAY: CommandPositional = {
  name: 'LAST-DAY',
  help: 'last day of a span; both days and all between them are included',
};

/** Ten years: a mistyped year must not start work of days. */
const MAX_DAYS = 3660;

/** Returns today in Asia/Shanghai. */
export function today(): string {
  return formatToDateKey(new SystemClock().now());
}

/** Lists the days of a span. @throws UsageError unless the days exist, in order, not too many and none in the future */
export function toDays([first = '', last = first]: readonly string[], latest = today()): string[] {
  for (const [index, day] of [first, last].entries()) {
    const { name } = index === 0 ? FIRST_DAY : LAST_DAY;
    if (!isDateKey(day)) throw new UsageError(`${name} must be a day as YYYY-MM-DD, not "${day}"`);
    if (day > latest)
      throw new UsageError(
        `${name} must not be in the future, but ${day} is: today is ${latest} in Asia/Shanghai`,
      );
  }
  const days = listDays(first, last);
  if (days.length === 0)
    throw new UsageError(`LAST-DAY ${last} is earlier than FIRST-DAY ${first}: swap them`);
  if (days.length > MAX_DAYS)
    throw new UsageError(
      `${first} to ${last} are ${days.length} days, at most ${MAX_DAYS} are allowed: split the span`,
    );
  return days;
}
