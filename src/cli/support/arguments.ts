import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from './usage-error.js';

type Options = NonNullable<ParseArgsConfig['options']>;

/** The values of options, and nothing else. @throws UsageError with the usage behind */
export function readOptions<T extends Options>(argv: readonly string[], options: T, usage: string) {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    // Node goes on with advice on how to pass such a thing all the same.
    const [what] = (error as Error).message.split(/\. |\n/, 1);
    throw new UsageError(`${what ?? ''}\n${usage}`);
  }
}

/** @throws UsageError unless it is a whole number from 1 */
export function toCount(name: string, text: string): number {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new UsageError(`--${name} must be a whole number from 1, not "${text}"`);
  return count;
}
