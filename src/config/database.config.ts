import { splitPostgresUrls } from './postgres-hosts.js';
import type { Environment } from './variables/catalogue.js';

export interface DatabaseConfig {
  /** Null means the embedded server. */
  readonly url: string | null;
  /** URL of the owner of the tables, for migrations. */
  readonly migrationUrl: string | null;
  /** True when a Citus cluster distributes the tables. */
  readonly isDistributed: boolean;
  /** Workers that take flushes directly; none for flushes through the coordinator. */
  readonly ingestUrls: readonly string[];
  /** Connections for requests; scheduled jobs open up to eleven more. */
  readonly poolSize: number;
  readonly embedded: { readonly directory: string; readonly port: number };
}

export function databaseConfig(env: Environment): DatabaseConfig {
  return {
    url: env.DATABASE_URL ?? null,
    migrationUrl: env.DATABASE_MIGRATION_URL ?? env.DATABASE_URL ?? null,
    isDistributed: env.CITUS,
    ingestUrls: splitPostgresUrls(env.DATABASE_INGEST_URLS),
    poolSize: env.DATABASE_POOL_SIZE,
    embedded: { directory: env.EMBEDDED_POSTGRES_DIRECTORY, port: env.EMBEDDED_POSTGRES_PORT },
  };
}
