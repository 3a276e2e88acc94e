import pg from 'pg';
import type { Configuration, ReadyConfiguration } from '../../config/configuration.js';

const SERVICE_ROLE = 'analytics_embedded_service';

export interface PreparedDatabase {
  readonly config: ReadyConfiguration;
  /** Lets the embedded server go; it stops when nobody else uses it. Does nothing for a database that was given. */
  release(): Promise<void>;
}

/**
 * The configuration with a database in it: the one that was given, as it is, or the embedded one, started or joined,
 * migrated, and entered as a role that may add events but not change them.
 *
 * @param onProgress told what takes time
 * @throws EmbeddedPostgresError with what to do about it
 */
export async function prepareDatabase(
  config: Configuration,
  onProgress: (line: string) => void,
): Promise<PreparedDatabase> {
  const { url, migrationUrl, embedded } = config.database;
  if (url !== null) {
    return {
      config: {
        ...config,
        database: { ...config.database, url, migrationUrl: migrationUrl ?? url, isEmbedded: false },
      },
      release: () => Promise.resolve(),
    };
  }
  // Only here: with a database of its own a process needs neither, nor the memory they take.
  const { acquireEmbeddedPostgres } = await import('./embedded-postgres.js');
  const { runMigrations } = await import('../persistence/migrations.js');
  const server = await acquireEmbeddedPostgres({
    dataDirectory: embedded.directory,
    port: embedded.port,
    onProgress,
  });
  try {
    const applied = await runMigrations({ databaseUrl: server.ownerUrl, log: onProgress });
    if (applied.length > 0) onProgress(`Applied ${applied.length} migrations`);
    const serviceUrl = await createServiceRole(server.ownerUrl);
    return {
      config: {
        ...config,
        database: { ...config.database, url: serviceUrl, migrationUrl: server.ownerUrl, isEmbedded: true },
      },
      release: () => server.release(),
    };
  } catch (error) {
    await server.release();
    throw error;
  }
}

/** A login with the rights of the service and no more, as one would have in production. @returns its URL */
async function createServiceRole(ownerUrl: string): Promise<string> {
  const client = new pg.Client({
    connectionString: ownerUrl,
    connectionTimeoutMillis: 5000,
    query_timeout: 10_000,
  });
  await client.connect();
  try {
    const { password } = new URL(ownerUrl);
    await client.query('BEGIN');
    // Several processes may prepare the same database at once.
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('analytics:service-role', 0))");
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [SERVICE_ROLE]);
    await client.query(
      `${rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${SERVICE_ROLE} LOGIN PASSWORD ${pg.escapeLiteral(password)}`,
    );
    await client.query(`GRANT analytics_service TO ${SERVICE_ROLE}`);
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
  const url = new URL(ownerUrl);
  url.username = SERVICE_ROLE;
  return url.toString();
}
