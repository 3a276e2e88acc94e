/** Parameters that Prisma puts into a database URL and the driver does not know. */
const PRISMA_PARAMETERS = ['schema', 'connection_limit', 'pool_timeout', 'pgbouncer'];
/** Parameters of the driver that the service decides for each kind of work. */
const DECIDED_PARAMETERS = [
  'options',
  'statement_timeout',
  'query_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'client_encoding',
  'replication',
];
const PLAIN_NAME = /^[a-z_][a-z0-9_]*$/;

/** A database URL, taken apart into what the driver and Prisma need. */
export interface DatabaseUrl {
  /** The URL without Prisma's own parameters, and without those that the service decides. */
  readonly connectionString: string;
  readonly schema: string;
  /** True behind a pooler that assigns a connection for one transaction (`?pgbouncer=true`). */
  readonly isPooled: boolean;
  /** Startup parameter `options` of the URL, by which some hosts find the database; empty for none. */
  readonly options: string;
}

/** @throws TypeError unless the schema is a plain lower-case name */
export function parseDatabaseUrl(url: string): DatabaseUrl {
  const parsed = new URL(url);
  const schema = parsed.searchParams.get('schema') ?? 'public';
  const isPooled = parsed.searchParams.get('pgbouncer') === 'true';
  const options = parsed.searchParams.get('options') ?? '';
  for (const name of [...PRISMA_PARAMETERS, ...DECIDED_PARAMETERS]) parsed.searchParams.delete(name);
  if (!PLAIN_NAME.test(schema)) {
    throw new TypeError('The schema in the database URL must be a plain lower-case name');
  }
  return { connectionString: parsed.toString(), schema, isPooled, options };
}
