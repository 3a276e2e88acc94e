import { splitPostgresHosts, type PostgresHost } from '../../../config/postgres-hosts.js';

/** Parameters that Prisma puts into a database URL and the driver does not know. */
const PRISMA_PARAMETERS = ['schema', 'connection_limit', 'pool_timeout', 'pgbouncer'];
/** Parameters of the driver that the service decides for each kind of work, and one that the driver does not know. */
const DECIDED_PARAMETERS = [
  'options',
  'statement_timeout',
  'query_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'client_encoding',
  'replication',
  'target_session_attrs',
];
const PLAIN_NAME = /^[a-z_][a-z0-9_]*$/;

/** A database URL, taken apart into what the driver and Prisma need. */
export interface DatabaseUrl {
  /** The URL of the first host without Prisma's own parameters, and without those that the service decides. */
  readonly connectionString: string;
  /** Hosts among which the one that takes writes is searched; empty when the driver uses the only one as it is. */
  readonly hosts: readonly PostgresHost[];
  readonly schema: string;
  /** True behind a pooler that assigns a connection for one transaction (`?pgbouncer=true`). */
  readonly isPooled: boolean;
  /** Startup parameter `options` of the URL, by which some hosts find the database; empty for none. */
  readonly options: string;
}

/** @throws TypeError unless it is a URL whose schema is a plain lower-case name */
export function parseDatabaseUrl(text: string): DatabaseUrl {
  const split = splitPostgresHosts(text);
  if (split === null)
    throw new TypeError('The database URL must start with postgresql:// and name its hosts');
  const url = new URL(split.url);
  const schema = url.searchParams.get('schema') ?? 'public';
  const isPooled = url.searchParams.get('pgbouncer') === 'true';
  const options = url.searchParams.get('options') ?? '';
  const searchesWriter = split.hosts.length > 1 || url.searchParams.has('target_session_attrs');
  for (const name of [...PRISMA_PARAMETERS, ...DECIDED_PARAMETERS]) url.searchParams.delete(name);
  if (!PLAIN_NAME.test(schema)) {
    throw new TypeError('The schema in the database URL must be a plain lower-case name');
  }
  const hosts = searchesWriter ? split.hosts : [];
  return { connectionString: url.toString(), hosts, schema, isPooled, options };
}
