const DECIMAL = /^[1-9]\d{0,18}$/;
/** PostgreSQL's `bigint` ends here. */
const MAX_USER_ID = 2n ** 63n - 1n;

/** @returns null unless the input is a decimal string from 1 to 2^63 − 1 without leading zeros */
export function parseUserId(input: unknown): bigint | null {
  if (typeof input !== 'string' || !DECIMAL.test(input)) return null;
  const userId = BigInt(input);
  return userId <= MAX_USER_ID ? userId : null;
}
