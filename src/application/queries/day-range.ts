import { ApplicationException } from '../../shared/exceptions/application.exception.js';
import { fieldMessage } from '../../shared/utils/field-message.util.js';
import { countDays, isDateKey, type DateKey } from '../../shared/utils/timezone.util.js';

export const MAX_DAYS = 366;

/** No event is older. A year on either side of these days still has keys, for windows and cohorts. */
const FIRST_DAY: DateKey = '1970-01-01';
const LAST_DAY: DateKey = '2100-12-31';

/**
 * @throws ApplicationException `date_range_invalid` unless both days exist, between the years 1970 and 2100, in order,
 * and close enough together
 */
export function assertDayRange(startDate: DateKey, endDate: DateKey, maxDays = MAX_DAYS): void {
  for (const [field, value] of Object.entries({ startDate, endDate })) {
    if (!isDateKey(value)) {
      throw invalidRange(fieldMessage(field, 'be a day that exists', value, 'correct month and day'), field);
    }
    if (value < FIRST_DAY || value > LAST_DAY) {
      const rule = 'lie between the years 1970 and 2100';
      throw invalidRange(fieldMessage(field, rule, value, 'correct the year'), field);
    }
  }
  const days = countDays(startDate, endDate);
  if (days < 1) {
    const nextStep = `swap it with endDate, which is ${JSON.stringify(endDate)}`;
    throw invalidRange(
      fieldMessage('startDate', 'not be later than endDate', startDate, nextStep),
      'startDate',
    );
  }
  if (days > maxDays) {
    throw invalidRange(
      `endDate must be at most ${maxDays} days from startDate, both included, it is ${days}: ask for less at a time`,
      'endDate',
    );
  }
}

function invalidRange(message: string, field: string): ApplicationException {
  return new ApplicationException('date_range_invalid', { detail: message, field });
}
