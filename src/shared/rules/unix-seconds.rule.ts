import { ExactNumber } from '../utils/exact-number.js';
import { fieldMessage } from '../utils/field-message.util.js';

/** The year 5138 in seconds and 1973 in milliseconds: separates the two units for every clock of today. */
const MAX_UNIX_SECONDS = 1e11;

/** Returns a number of Unix seconds, fractions allowed; null for today's milliseconds and for all else. */
export function toUnixSeconds(value: unknown): number | null {
  // Times are kept to the millisecond: digits beyond a double are rounded with the others.
  const seconds = value instanceof ExactNumber ? value.toDouble() : value;
  return typeof seconds === 'number' && seconds >= 0 && seconds < MAX_UNIX_SECONDS ? seconds : null;
}

/** Says what Unix seconds are, for a value that is none. */
export function describeUnixSeconds(field: string, value: unknown): string {
  const number = value instanceof ExactNumber ? value.toDouble() : value;
  const isMilliseconds = typeof number === 'number' && number >= MAX_UNIX_SECONDS;
  const nextStep = isMilliseconds
    ? 'divide it by 1000'
    : 'send the time of the device, such as 1732685100.25';
  return fieldMessage(field, 'be a number of Unix seconds (not milliseconds)', value, nextStep);
}
