/** Formats a number rounded to a whole, with thousands separators. */
export function formatCount(number: number): string {
  return Math.round(number).toLocaleString('en-US');
}
