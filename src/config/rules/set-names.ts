import type { Environment } from '../variables/catalogue.js';

/** Returns the names of the variables that have a value. */
export function namesOfSet<const N extends keyof Environment>(env: Environment, names: readonly N[]): N[] {
  return names.filter((name) => env[name] !== undefined);
}
