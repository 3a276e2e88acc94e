import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import { openConnection } from './prisma/database-client.js';
import { parseDatabaseUrl } from './prisma/database-url.js';

/** Directory and register of the plain tables, which every database has. */
const PLAIN = { directory: 'migrations', register: 'analytics_migrations' };
/** Directory and register of the changes that distribute the plain tables over a Citus cluster (docs/adr/0021). */
const DISTRIBUTED = { directory: 'migrations-citus', register: 'analytics_citus_migrations' };

/** Finds the directory below `database` from the source file and from the compiled file below `dist`. */
function migrationsDirectory(name: string): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const root = here.split(/[\\/](?:dist[\\/])?src[\\/]infrastructure[\\/]/)[0] ?? here;
  return join(root, 'database', name);
}

/** A migration takes as long as its tables are large, and waits for the locks that it needs. */
const LIMITS = { connectTimeoutMs: 5000, statementTimeoutMs: 0, answerWithinMs: 0 };

export interface MigrationOptions {
  /** URL of the owner, who may create tables, functions and the service's group role. */
  readonly databaseUrl: string;
  /** Distributes the tables as well; without the extension they get the same shape on one server. */
  readonly isDistributed?: boolean;
  readonly log?: (line: string) => void;
}

/** Applies pending migrations, one process at a time. @returns the names of the applied migrations */
export async function runMigrations({
  databaseUrl,
  isDistributed = false,
  log,
}: MigrationOptions): Promise<string[]> {
  const url = parseDatabaseUrl(databaseUrl);
  const client = await openConnection(url, LIMITS);
  // The runner swallows warnings of a migration; the operator must see them.
  client.on('notice', ({ severity, message }) => {
    if (severity === 'WARNING') log?.(message ?? '');
  });
  const names: string[] = [];
  try {
    for (const { directory, register } of isDistributed ? [PLAIN, DISTRIBUTED] : [PLAIN]) {
      const applied = await runner({
        dbClient: client,
        dir: migrationsDirectory(directory),
        migrationsTable: register,
        direction: 'up',
        schema: url.schema,
        createSchema: url.schema !== 'public',
        singleTransaction: true,
        advisoryLockMode: 'wait',
        logger: {
          info: () => undefined,
          warn: (message: string) => log?.(message),
          error: (message: string) => log?.(message),
        },
        verbose: false,
      });
      names.push(...applied.map(({ name }) => name));
    }
    return names;
  } finally {
    await client.end();
  }
}
