import { ApplicationException } from '../../shared/exceptions/application.exception.js';
import { fieldMessage } from '../../shared/utils/field-message.util.js';
import { countDays, isDateKey, type DateKey } from '../../shared/utils/timezone.util.js';

export const MAX_DAYS = 366;

/** @throws ApplicationException `date_range_invalid` unless both days exist, in order, and lie close enough together */
export function assertDayRange(startDate: DateKey, endDate: DateKey, maxDays = MAX_DAYS): void {
  for (const [field, value] of Object.entries({ startDate, endDate })) {
    if (!isDateKey(value)) {
      throw invalidRange(fieldMessage(field, 'be a day that exists', value, 'correct month and day'), field);
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
