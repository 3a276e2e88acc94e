import type { Environment } from '../variables/catalogue.js';

/** Rejects settings that have no effect without a cluster, or that a cluster does not take. */
export function citusProblems(env: Environment): string[] {
  const problems: string[] = [];
  if (env.CITUS && env.DATABASE_URL === undefined) {
    problems.push(
      'DATABASE_URL must be set when CITUS is true, it is absent: set it to the coordinator, or remove CITUS',
    );
  }
  for (const name of ['RETENTION_DAYS_EVENTS', 'RETENTION_DAYS_ACTIVES'] as const) {
    if (!env.CITUS || env[name] === undefined) continue;
    problems.push(
      `${name} must be absent when CITUS is true, it is ${env[name]}: days of a cluster are not dropped (docs/citus.md). ` +
        'Remove it',
    );
  }
  if (!env.CITUS && env.DATABASE_INGEST_URLS !== undefined) {
    problems.push(
      'CITUS must be true when DATABASE_INGEST_URLS is set, it is false: set it, or remove DATABASE_INGEST_URLS',
    );
  }
  return problems;
}
