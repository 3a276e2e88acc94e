const DECIMALS = 10_000;

/** Returns the ratio of two counts, rounded to four decimals; 0 when the second is 0. */
export function roundRatio(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * DECIMALS) / DECIMALS;
}
