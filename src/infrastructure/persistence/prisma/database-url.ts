/** Parameters that Prisma puts into a database URL and the driver does not know. */
const PRISMA_PARAMETERS = ['schema', 'connection_limit', 'pool_timeout', 'pgbouncer'];
const PLAIN_NAME = /^[a-z_][a-z0-9_]*$/;

/** A database URL, taken apart into what the driver and Prisma need. */
export interface DatabaseUrl {
  /** The URL without Prisma's own parameters. */
  readonly connectionString: string;
  /** Null for `public`, the default of PostgreSQL. */
  readonly schema: string | null;
  /** True behind a pooler that assigns a connection for one transaction (`?pgbouncer=true`). */
  readonly isPooled: boolean;
}

/** @throws TypeError unless the schema is a plain lower-case name */
export function parseDatabaseUrl(url: string): DatabaseUrl {
  const parsed = new URL(url);
  const schema = parsed.searchParams.get('schema');
  const isPooled = parsed.searchParams.get('pgbouncer') === 'true';
  for (const name of PRISMA_PARAMETERS) parsed.searchParams.delete(name);
  if (schema !== null && !PLAIN_NAME.test(schema)) {
    throw new TypeError('The schema in the database URL must be a plain lower-case name');
  }
  return { connectionString: parsed.toString(), schema: schema === 'public' ? null : schema, isPooled };
}
