import { ExactNumber } from '../utils/exact-number.js';
import { fieldMessage } from '../utils/field-message.util.js';

const DECIMAL = /^[1-9]\d{0,18}$/;
/** PostgreSQL's `bigint` ends here. */
const MAX_USER_ID = 2n ** 63n - 1n;
const MAX_DIGITS = 19;

/** True for a decimal string from 1 to 2^63 − 1 without leading zeros; one number has one such text. */
export function isUserId(input: unknown): input is string {
  if (typeof input !== 'string' || !DECIMAL.test(input)) return false;
  return input.length < MAX_DIGITS || BigInt(input) <= MAX_USER_ID;
}

/** @returns null unless the input {@link isUserId} */
export function parseUserId(input: unknown): bigint | null {
  return isUserId(input) ? BigInt(input) : null;
}

/**
 * Says what a user id is, for a value that is none.
 *
 * @param otherwise the way out for somebody without a user id
 */
export function describeUserId(
  input: unknown,
  otherwise = 'send the id of the logged-in user, or leave it out',
): string {
  const rule = `be a decimal string from "1" to "${MAX_USER_ID}"`;
  const nextStep =
    typeof input === 'number' || input instanceof ExactNumber ? 'send it in quotation marks' : otherwise;
  return fieldMessage('userId', rule, input, nextStep);
}
