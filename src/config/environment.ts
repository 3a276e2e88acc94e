import { VARIABLES, type Environment } from './variables/catalogue.js';

/** Raw environment, as `process.env` has it. */
export type RawEnvironment = Readonly<Record<string, string | undefined>>;

/** Lists everything that is wrong with the environment. It repeats no value: some are secrets. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly problems: readonly string[]) {
    super(
      `The configuration has ${problems.length} problem(s):\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
  }
}

/** @throws ConfigurationError with every problem */
export function parseEnvironment(raw: RawEnvironment): Environment {
  const { environment, problems } = checkEnvironment(raw);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return environment;
}

/**
 * Converts and checks each variable on its own; an empty one counts as unset.
 *
 * @returns all values, invalid ones as they were given, so that further rules can add to the problems
 */
export function checkEnvironment(raw: RawEnvironment): { environment: Environment; problems: string[] } {
  const isProduction = raw['NODE_ENV']?.trim() === 'production';
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, variable] of Object.entries(VARIABLES)) {
    const text = raw[name]?.trim();
    if (text) {
      const reading = variable.type.read(text);
      values[name] = reading.value;
      problems.push(...reading.problems.map((problem) => `${name} ${problem}`));
    } else values[name] = isProduction ? variable.productionDefault : variable.default;
  }
  return { environment: values as Environment, problems };
}
