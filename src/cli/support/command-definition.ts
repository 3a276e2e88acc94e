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
