import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { withoutPrismaParameters } from './prisma/prisma.service.js';

/** Seen from the compiled file as from the source: both lie equally deep below `database/`'s parent or its `dist`. */
function migrationsDirectory(): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const root = here.split(/[\\/](?:dist[\\/])?src[\\/]infrastructure[\\/]/)[0] ?? here;
  return join(root, 'database', 'migrations');
}

export interface MigrationOptions {
  /** The owner's: it creates tables, functions and the group role of the service. */
  readonly databaseUrl: string;
  readonly log?: (line: string) => void;
}

/** Applies what has not been applied yet, one process at a time. @returns the names of the applied migrations */
export async function runMigrations({ databaseUrl, log }: MigrationOptions): Promise<string[]> {
  const { connectionString, schema } = withoutPrismaParameters(databaseUrl);
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5000 });
  // What a migration warns of is for whoever runs it; the runner would swallow it.
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
