import { loadConfiguration, readEnvironment } from '../config/configuration.js';
import { parseEnvironment } from '../config/environment.js';
import { databaseConfig } from '../config/database.config.js';
import { prepareDatabase } from '../infrastructure/embedded/prepare-database.js';
import { runMigrations } from '../infrastructure/persistence/migrations.js';
import { MIGRATE } from './definitions/migrate.js';
import { runScript } from './support/script.js';

/** Applies the pending migrations; needs no settings except those of the database. */
await runScript(MIGRATE, async () => {
  const environment = readEnvironment();
  const { migrationUrl, isDistributed } = databaseConfig(parseEnvironment(environment));
  if (migrationUrl !== null) {
    const applied = await runMigrations({ databaseUrl: migrationUrl, isDistributed, log: console.error });
    console.log(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`);
    return 0;
  }
  const database = await prepareDatabase(loadConfiguration(environment), console.error);
  await database.release();
  console.log('The embedded database is up to date.');
  return 0;
});
