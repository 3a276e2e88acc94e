import { loadConfiguration, readEnvironment } from '../config/configuration.js';
import { ConfigurationError, parseEnvironment } from '../config/environment.js';
import { databaseConfig } from '../config/database.config.js';
import { EmbeddedPostgresError } from '../infrastructure/embedded/embedded-postgres-error.js';
import { prepareDatabase } from '../infrastructure/embedded/prepare-database.js';
import { runMigrations } from '../infrastructure/persistence/migrations.js';

/** Applies the pending migrations; needs no settings except those of the database. */
async function migrate(): Promise<void> {
  const environment = readEnvironment();
  const { migrationUrl } = databaseConfig(parseEnvironment(environment));
  if (migrationUrl !== null) {
    const applied = await runMigrations({ databaseUrl: migrationUrl, log: console.error });
    console.log(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`);
    return;
  }
  const database = await prepareDatabase(loadConfiguration(environment), console.error);
  await database.release();
  console.log('The embedded database is up to date.');
}

migrate().catch((error: unknown) => {
  const isOurs = error instanceof ConfigurationError || error instanceof EmbeddedPostgresError;
  console.error(isOurs ? error.message : error);
  process.exitCode = 1;
});
