import type { Environment } from '../variables/catalogue.js';

const POOLED = /[?&]pgbouncer=true\b/;

/** Rejects settings that have no effect without a cluster, or that a cluster cannot do without. */
export function citusProblems(env: Environment): string[] {
  const problems: string[] = [];
  if (env.CITUS && env.DATABASE_URL === undefined) {
    problems.push(
      'DATABASE_URL must be set when CITUS is true, it is absent: set it to the coordinator, or remove CITUS',
    );
  }
  if (!env.CITUS && env.DATABASE_INGEST_URLS !== undefined) {
    problems.push(
      'CITUS must be true when DATABASE_INGEST_URLS is set, it is false: set it, or remove DATABASE_INGEST_URLS',
    );
  }
  const pooled = (['DATABASE_URL', 'DATABASE_INGEST_URLS'] as const).filter((name) =>
    POOLED.test(env[name] ?? ''),
  );
  if (env.CITUS && pooled.length > 0) {
    problems.push(
      `${pooled.join(', ')} must not have pgbouncer=true when CITUS is true: a flush is delegated to a worker only outside ` +
        'of a transaction, and the settings behind a pooler need one. Connect to the nodes themselves',
    );
  }
  return problems;
}
