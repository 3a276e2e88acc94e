import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PG_MIGRATE_LOCK_ID, runner } from 'node-pg-migrate';
import type pg from 'pg';
import { openConnection } from './prisma/database-client.js';
import { parseDatabaseUrl } from './prisma/database-url.js';

/** Finds `database/migrations` from the source file and from the compiled file below `dist`. */
function migrationsDirectory(): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const root = here.split(/[\\/](?:dist[\\/])?src[\\/]infrastructure[\\/]/)[0] ?? here;
  return join(root, 'database', 'migrations');
}

/** A migration takes as long as its tables are large, and waits for the locks that it needs. */
const LIMITS = { connectTimeoutMs: 5000, statementTimeoutMs: 0, answerWithinMs: 0 };

export interface MigrationOptions {
  /** URL of the owner, who may create tables, functions and the service's group role. */
  readonly databaseUrl: string;
  readonly log?: (line: string) => void;
}

/**
 * Applies pending migrations in one transaction, one process at a time. Nothing of it outlives the transaction: behind
 * a pooler the next statement of a session may reach another server.
 *
 * @returns the names of the applied migrations
 */
export async function runMigrations({ databaseUrl, log }: MigrationOptions): Promise<string[]> {
  const url = parseDatabaseUrl(databaseUrl);
  const client = await openConnection(url, LIMITS);
  // The runner swallows warnings of a migration; the operator must see them.
  client.on('notice', ({ severity, message }) => {
    if (severity === 'WARNING') log?.(message ?? '');
  });
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [PG_MIGRATE_LOCK_ID]);
    if (url.schema !== 'public') await client.query(`CREATE SCHEMA IF NOT EXISTS ${url.schema}`);
    const applied = await runner({
      dbClient: insideTransaction(client),
      dir: migrationsDirectory(),
      migrationsTable: 'analytics_migrations',
      migrationsSchema: url.schema,
      direction: 'up',
      singleTransaction: true,
      noLock: true,
      logger: {
        info: () => undefined,
        warn: (message: string) => log?.(message),
        error: (message: string) => log?.(message),
      },
      verbose: false,
    });
    await client.query('COMMIT');
    return applied.map(({ name }) => name);
  } finally {
    // Unless it is committed, the transaction ends with its connection.
    await client.end();
  }
}

/** The runner begins and ends a transaction of its own, which would end ours. */
function insideTransaction(client: pg.Client): pg.Client {
  return new Proxy(client, {
    get: (target, name) => {
      if (name !== 'query') return Reflect.get(target, name, target) as unknown;
      return (...call: unknown[]): unknown =>
        /^(BEGIN|COMMIT|ROLLBACK)$/.test(String(call[0]))
          ? Promise.resolve({ rows: [] })
          : target.query(...(call as [string]));
    },
  });
}
