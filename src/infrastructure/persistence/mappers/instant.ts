/**
 * Returns the instant of a column that a statement reads as whole milliseconds since 1970: such a number means the same
 * in every session, while a timestamp as text depends on its time zone and date style.
 */
export function toInstant(milliseconds: bigint | string): Date {
  return new Date(Number(milliseconds));
}
