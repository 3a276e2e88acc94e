import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from './usage-error.js';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * Parses a command line of options and no positional arguments.
 *
 * @throws UsageError with the usage as its last lines
 */
export function readOptions<T extends Options>(argv: readonly string[], options: T, usage: string) {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    // The first sentence names the mistake; the rest is advice of Node that does not apply here.
    const [mistake] = (error as Error).message.split(/\. |\n/, 1);
    throw new UsageError(`${mistake ?? ''}\n${usage}`);
  }
}

/** @throws UsageError unless the text is a whole number from 1 */
export function toCount(name: string, text: string): number {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new UsageError(`--${name} must be a whole number from 1, not "${text}"`);
  return count;
}
