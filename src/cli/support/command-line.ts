import { parseArgs } from 'node:util';
import { helpOf, usageOf } from './command-help.js';
import { UsageError } from './usage-error.js';

export interface CommandOption {
  /** Name of the value in the help, such as `N`; an option without it is a flag. */
  readonly value?: string;
  /** True when the option may be given several times. */
  readonly multiple?: boolean;
  readonly help: string;
}

export interface CommandPositional {
  /** Name in the help, such as `FIRST-DAY`. */
  readonly name: string;
  readonly help: string;
  readonly required?: boolean;
  /** True for the last one when it stands for any number of arguments. */
  readonly repeated?: boolean;
}

/** Declares the command line of a command. Help, usage and every check of the arguments are made from it. */
export interface CommandDefinition<Arguments> {
  /** Name of the npm script. */
  readonly name: string;
  readonly summary: string;
  readonly positionals?: readonly CommandPositional[];
  readonly options?: Readonly<Record<string, CommandOption>>;
  /** Arguments of sample calls. */
  readonly examples: readonly string[];
  /** Further lines of the help, such as exit codes. */
  readonly notes?: readonly string[];
  /** Checks the values. Must touch nothing. @throws UsageError that names argument, rule and value */
  readonly read: (given: GivenArguments) => Arguments;
}

/** Arguments as they were typed; each option and each positional is known to the definition. */
export class GivenArguments {
  constructor(
    readonly positionals: readonly string[],
    private readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>,
  ) {}

  flag(name: string): boolean {
    return this.values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  texts(name: string): readonly string[] | undefined {
    const values = this.values[name];
    return Array.isArray(values) ? values.filter((value) => typeof value === 'string') : undefined;
  }
}

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
