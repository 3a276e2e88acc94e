import { UsageError } from './usage-error.js';

/** @throws UsageError unless the text is a whole number from 1 */
export function toCount(name: string, text: string): number {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new UsageError(`--${name} must be a whole number from 1, not "${text}"`);
  return count;
}
