import pg from 'pg';
import type { ComposeSecrets } from './compose-secrets.js';

const DATABASE = 'rwa_analytics';
const INIT_PASSWORD = 'of-the-check-only';

/**
 * Creates a database and its roles with database/compose/roles.sql, as the PostgreSQL container does.
 *
 * @param rolesScript the text of roles.sql
 */
export async function createComposeRoles(
  superuserUrl: string,
  rolesScript: string,
  secrets: ComposeSecrets,
): Promise<void> {
  await execute(superuserUrl, `CREATE ROLE initdb SUPERUSER LOGIN PASSWORD '${INIT_PASSWORD}'`);
  await execute(superuserUrl, `CREATE DATABASE ${DATABASE} OWNER initdb`);
  const login = { username: 'initdb', password: INIT_PASSWORD, pathname: `/${DATABASE}` };
  await execute(Object.assign(new URL(superuserUrl), login).href, secrets.relocate(rolesScript));
  secrets.setDatabaseHost(new URL(superuserUrl).host);
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
  });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
