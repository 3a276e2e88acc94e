import { UsageError } from '../../src/cli/support/usage-error.js';

/** @throws UsageError unless the text is a number from `low` to `high` */
export function readNumber(name: string, text: string, low: number, high: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(value >= low && value <= high)) {
    throw new UsageError(`--${name} must be a number from ${String(low)} to ${String(high)}, not ${text}`);
  }
  return value;
}

/** @throws UsageError unless the text is a whole number from `low` to `high` */
export function readWhole(name: string, text: string, low: number, high: number): number {
  const value = readNumber(name, text, low, high);
  if (!Number.isInteger(value)) throw new UsageError(`--${name} must be a whole number, not ${text}`);
  return value;
}

/** @throws UsageError for a text of spaces alone */
export function readLabel(name: string, text: string): string {
  if (text.trim() === '') throw new UsageError(`--${name} must not be empty`);
  return text;
}
