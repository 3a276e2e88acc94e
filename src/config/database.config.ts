import type { Environment } from './environment.js';

export interface DatabaseConfig {
  /** Null: start or join the embedded server. */
  readonly url: string | null;
  /** The owner of the tables, for migrations. */
  readonly migrationUrl: string | null;
  /** Connections for requests; scheduled jobs have up to eight of their own. */
  readonly poolSize: number;
  readonly embedded: { readonly directory: string; readonly port: number };
}

export function databaseConfig(env: Environment): DatabaseConfig {
  return {
    url: env.DATABASE_URL ?? null,
    migrationUrl: env.DATABASE_MIGRATION_URL ?? env.DATABASE_URL ?? null,
    poolSize: env.DATABASE_POOL_SIZE,
    embedded: { directory: env.EMBEDDED_POSTGRES_DIRECTORY, port: env.EMBEDDED_POSTGRES_PORT },
  };
}
