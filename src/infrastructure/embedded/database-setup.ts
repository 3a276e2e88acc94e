import pg from 'pg';
import { openConnection } from '../persistence/prisma/database-client.js';
import { parseDatabaseUrl } from '../persistence/prisma/database-url.js';

const LIMITS = { connectTimeoutMs: 5_000, statementTimeoutMs: 9_500, answerWithinMs: 10_000 };
const SERVICE_ROLE = 'analytics_embedded_service';

/** Creates the database that the URL names, unless it exists. */
export async function ensureDatabase(ownerUrl: string): Promise<void> {
  const url = new URL(ownerUrl);
  const name = url.pathname.slice(1);
  url.pathname = '/postgres';
  await withClient(url.href, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  });
}

/** Creates a login with the rights that the service has in production. Returns its URL. */
export async function createServiceRole(ownerUrl: string): Promise<string> {
  const url = new URL(ownerUrl);
  await withClient(ownerUrl, async (client) => {
    await client.query('BEGIN');
    // Several processes may prepare the same database at once.
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('analytics:service-role', 0))");
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [SERVICE_ROLE]);
    await client.query(
      `${rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${SERVICE_ROLE} LOGIN PASSWORD ${pg.escapeLiteral(url.password)}`,
    );
    await client.query(`GRANT analytics_service TO ${SERVICE_ROLE}`);
    await client.query('COMMIT');
  });
  url.username = SERVICE_ROLE;
  return url.href;
}

async function withClient(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = await openConnection(parseDatabaseUrl(url), LIMITS);
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
