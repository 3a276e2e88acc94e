import type { Configuration, ReadyConfiguration } from '../../config/configuration.js';

export interface PreparedDatabase {
  readonly config: ReadyConfiguration;
  /** Releases the embedded server, which stops after its last user; does nothing for a configured database. */
  release(): Promise<void>;
}

/**
 * Completes the configuration with a database: the configured one, or the embedded one, migrated and with the URL of
 * a role that may add events but not change them.
 *
 * @param onProgress receives a line for each step that takes time
 * @throws EmbeddedPostgresError with a message that names the next step
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
  // Dynamic imports save memory in processes that have a configured database.
  const { acquireEmbeddedPostgres } = await import('./embedded-postgres.js');
  const { runMigrations } = await import('../persistence/migrations.js');
  const { createServiceRole } = await import('./database-setup.js');
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
