import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { parseDatabaseUrl } from './prisma/database-url.js';

/** Finds `database/migrations` from the source file and from the compiled file below `dist`. */
function migrationsDirectory(): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const root = here.split(/[\\/](?:dist[\\/])?src[\\/]infrastructure[\\/]/)[0] ?? here;
  return join(root, 'database', 'migrations');
}

export interface MigrationOptions {
  /** URL of the owner, who may create tables, functions and the service's group role. */
  readonly databaseUrl: string;
  readonly log?: (line: string) => void;
}

/** Applies pending migrations, one process at a time. @returns the names of the applied migrations */
export async function runMigrations({ databaseUrl, log }: MigrationOptions): Promise<string[]> {
  const { connectionString, schema } = parseDatabaseUrl(databaseUrl);
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5000 });
  // The runner swallows warnings of a migration; the operator must see them.
  client.on('notice', ({ severity, message }) => {
    if (severity === 'WARNING') log?.(message ?? '');
  });
  await client.connect();
  try {
    const applied = await runner({
      dbClient: client,
      dir: migrationsDirectory(),
      migrationsTable: 'analytics_migrations',
      direction: 'up',
      ...(schema !== null && { schema, createSchema: true }),
      singleTransaction: true,
      advisoryLockMode: 'wait',
      logger: {
        info: () => undefined,
        warn: (message: string) => log?.(message),
        error: (message: string) => log?.(message),
      },
      verbose: false,
    });
    return applied.map(({ name }) => name);
  } finally {
    await client.end();
  }
}
