import { ApplicationException } from '../../shared/exceptions/application.exception.js';
import { fieldMessage } from '../../shared/utils/field-message.util.js';
import type { DaySpan } from '../../domain/value-objects/active-span.vo.js';
import { countDays, isDateKey, type DateKey } from '../../shared/utils/timezone.util.js';

/** Longest range of a request for figures, in days. */
export const MAX_DAYS = 366;

/** @throws ApplicationException `date_range_invalid` unless both days exist, in order and not too far apart */
export function assertDayRange(startDate: string, endDate: string): void {
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
  if (days > MAX_DAYS) {
    throw invalidRange(
      `endDate must be at most ${MAX_DAYS} days from startDate, both included, it is ${days}: ask for less at a time`,
      'endDate',
    );
  }
}

function invalidRange(message: string, field: string): ApplicationException {
  return new ApplicationException('date_range_invalid', { detail: message, field });
}

/** Returns the part of the range that has begun; null for a range in the future. */
export function cutAtToday(startDate: DateKey, endDate: DateKey, today: DateKey): DaySpan | null {
  return startDate > today ? null : { first: startDate, last: endDate < today ? endDate : today };
}
