import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PG_MIGRATE_LOCK_ID, runner } from 'node-pg-migrate';
import type pg from 'pg';
import { assertLayout } from './database-layout.js';
import { openConnection } from './prisma/database-client.js';
import { parseDatabaseUrl } from './prisma/database-url.js';

/** Directory and register of the plain tables, which every database has. */
const PLAIN = { directory: 'migrations', register: 'analytics_migrations' };
/** Directory and register of the changes that distribute the plain tables over a Citus cluster (docs/adr/0021). */
const DISTRIBUTED = { directory: 'migrations-citus', register: 'analytics_citus_migrations' };

/** Lets Citus alter tables and then functions in one transaction; servers without the extension ignore it. */
const ONE_CONNECTION_A_NODE = "SET LOCAL citus.multi_shard_modify_mode = 'sequential'";

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

/**
 * Applies pending migrations, one process at a time and each directory in one transaction. Nothing of it outlives the
 * transaction: behind a pooler the next statement of a session may reach another server.
 *
 * @returns the names of the applied migrations
 */
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
    await refuseDistributed(client, isDistributed);
    for (const { directory, register } of isDistributed ? [PLAIN, DISTRIBUTED] : [PLAIN]) {
      await client.query('BEGIN');
      await client.query('SELECT pg_advisory_xact_lock($1)', [PG_MIGRATE_LOCK_ID]);
      if (isDistributed) await client.query(ONE_CONNECTION_A_NODE);
      if (url.schema !== 'public') await client.query(`CREATE SCHEMA IF NOT EXISTS ${url.schema}`);
      const applied = await runner({
        dbClient: insideTransaction(client),
        dir: migrationsDirectory(directory),
        migrationsTable: register,
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
      names.push(...applied.map(({ name }) => name));
    }
    return names;
  } finally {
    // Unless it is committed, the transaction ends with its connection.
    await client.end();
  }
}

/** Keeps the tables of a cluster from getting half of a release. */
async function refuseDistributed(client: pg.Client, isDistributed: boolean): Promise<void> {
  if (isDistributed) return;
  const { rows } = await client.query<{ isKnown: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AS "isKnown"',
    [DISTRIBUTED.register],
  );
  if (rows[0]?.isKnown === true) assertLayout(false, true);
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
