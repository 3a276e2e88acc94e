export const BYTES_PER_MIB = 1024 * 1024;

export function print(text: string): void {
  console.log(text);
}

/** Formats a figure with three significant digits, or five from 1,000. */
export function format(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: value >= 1000 ? 5 : 3 });
}
