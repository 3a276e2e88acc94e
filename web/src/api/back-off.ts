export interface BackOffLimits {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * Returns the wait before the next attempt: doubled with each failure, and spread over its upper half so that many
 * pages do not come back at once.
 *
 * @param failures attempts that failed in a row, from 1
 * @param random returns a number from 0 to 1
 */
export function backOffMs(failures: number, { baseMs, maxMs }: BackOffLimits, random: () => number): number {
  const longest = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(longest * (0.5 + random() / 2));
}
