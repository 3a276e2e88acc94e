import { FINAL_HOUR } from '../../../shared/rules/final-hour.rule.js';
import { DEFAULT_TIMEZONE } from '../../../shared/utils/timezone.util.js';

/** Returns SQL for the instant from which a day is final. @param day expression of type `date` */
export function finalSince(day: string): string {
  return `(${day} + 1 + time '0${FINAL_HOUR}:00') AT TIME ZONE '${DEFAULT_TIMEZONE}'`;
}
