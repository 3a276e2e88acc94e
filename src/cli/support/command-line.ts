import { parseArgs } from 'node:util';
import { GivenArguments, type CommandDefinition, type CommandOption } from './command-definition.js';
import { helpOf, usageOf } from './command-help.js';
import { UsageError } from './usage-error.js';

export type CommandLine<Arguments> =
  { readonly help: string } | { readonly help: null; readonly given: Arguments };

/**
 * Parses a command line. `--help` wins over every mistake beside it.
 *
 * @throws UsageError with the usage as its last lines
 */
export function parseCommandLine<Arguments>(
  definition: CommandDefinition<Arguments>,
  argv: readonly string[],
): CommandLine<Arguments> {
  const end = argv.indexOf('--');
  const options = end < 0 ? argv : argv.slice(0, end);
  if (options.includes('--help') || options.includes('-h')) return { help: helpOf(definition) };
  try {
    return { help: null, given: definition.read(readArguments(definition, argv)) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${error.message}\n${usageOf(definition)}`);
  }
}

function readArguments(definition: CommandDefinition<unknown>, argv: readonly string[]): GivenArguments {
  const { options = {} } = definition;
  const { positionals, values, tokens } = parseStrictly(options, argv);
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (seen.has(token.name) && options[token.name]?.multiple !== true)
      throw new UsageError(`--${token.name} may be given once only`);
    seen.add(token.name);
  }
  checkPositionals(definition, positionals);
  return new GivenArguments(positionals, values);
}

function parseStrictly(options: Readonly<Record<string, CommandOption>>, argv: readonly string[]) {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { value, multiple = false }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), multiple },
    ]),
  );
  try {
    return parseArgs({
      args: [...argv],
      options: config,
      strict: true,
      allowPositionals: true,
      tokens: true,
    });
  } catch (error) {
    // The first sentence names the mistake; the rest is advice of Node that does not apply here.
    const [mistake] = (error as Error).message.split(/\. |\n/, 1);
    throw new UsageError(mistake ?? '');
  }
}

function checkPositionals({ positionals = [] }: CommandDefinition<unknown>, given: readonly string[]): void {
  const missing = positionals.slice(given.length).find(({ required }) => required === true);
  if (missing !== undefined) throw new UsageError(`${missing.name} is missing`);
  const isOpen = positionals.at(-1)?.repeated === true;
  const extra = isOpen ? undefined : given[positionals.length];
  if (extra !== undefined) throw new UsageError(`Unexpected argument "${extra}"`);
}
