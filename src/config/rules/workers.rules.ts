import type { Environment } from '../variables/catalogue.js';

/** Rejects several workers without stores that they share: each would count users and embed a database for itself. */
export function workersProblems(env: Environment): string[] {
  if (env.WORKERS === 1) return [];
  const missing = [
    ...(env.DATABASE_URL === undefined ? ['DATABASE_URL'] : []),
    ...(env.REDIS_HOST === undefined && env.REDIS_SENTINELS === undefined ? ['REDIS_HOST'] : []),
  ];
  return missing.map(
    (name) =>
      `${name} must be set when WORKERS is not 1, it is absent: set it, because workers share stores, or remove WORKERS`,
  );
}
