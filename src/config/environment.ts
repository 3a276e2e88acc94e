import { valueOf } from './secret-files.js';
import { VARIABLES, type Environment } from './variables/catalogue.js';
import type { ValueType } from './variables/value-types.js';

/** Raw environment, as `process.env` has it. */
export type RawEnvironment = Readonly<Record<string, string | undefined>>;

/** Lists everything that is wrong with the environment, one line a problem. It repeats no value that may be secret. */
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

const NEXT_STEP = 'correct it in the environment or in .env';
const MAX_SHOWN_CHARACTERS = 60;

/** Hides URLs with a password too, which may stand in any variable. */
function describeValue(text: string, { isSecret = false, maxShownCharacters }: ValueType<unknown>): string {
  const isTooLong = maxShownCharacters !== undefined && text.length > maxShownCharacters;
  if (isSecret || isTooLong || text.includes('@')) return 'its value is not shown, because it may be secret';
  const shown = text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
  return `it is ${JSON.stringify(shown)}`;
}

/**
 * Converts and checks each variable on its own; an empty one counts as unset. Reads the files of secrets.
 *
 * @returns all values, invalid ones as they were given, so that further rules can add to the problems
 */
export function checkEnvironment(raw: RawEnvironment): { environment: Environment; problems: string[] } {
  const isProduction = raw['NODE_ENV']?.trim() === 'production';
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, variable] of Object.entries(VARIABLES)) {
    const { text, source, problem } = valueOf(raw, name);
    if (problem !== null) problems.push(problem);
    if (text !== undefined) {
      const reading = variable.type.read(text);
      values[name] = reading.value;
      const seen = describeValue(text, variable.type);
      const next = source === name ? NEXT_STEP : `correct the file that ${source} names`;
      problems.push(...reading.problems.map((rule) => `${name} ${rule}, ${seen}: ${next}`));
    } else values[name] = isProduction ? variable.productionDefault : variable.default;
  }
  return { environment: values as Environment, problems };
}
