import pg from 'pg';
import { makeSecret } from './secret.js';

const DATABASE = 'rwa_analytics';

export interface DatabaseUrls {
  /** Logs in as the owner, who runs the migrations. */
  readonly owner: string;
  /** Logs in as the service. */
  readonly service: string;
}

/**
 * Creates a database and its roles with database/compose/roles.sql, as the PostgreSQL container does.
 *
 * @param rolesScript the text of roles.sql
 */
export async function createComposeRoles(superuserUrl: string, rolesScript: string): Promise<DatabaseUrls> {
  const loginUrl = (username: string, password: string): string =>
    Object.assign(new URL(superuserUrl), { username, password, pathname: `/${DATABASE}` }).href;
  const [initPassword, ownerPassword, servicePassword] = [makeSecret(), makeSecret(), makeSecret()];
  await execute(superuserUrl, `CREATE ROLE initdb SUPERUSER LOGIN PASSWORD '${initPassword}'`);
  await execute(superuserUrl, `CREATE DATABASE ${DATABASE} OWNER initdb`);
  await execute(
    loginUrl('initdb', initPassword),
    substitutePsqlVariables(rolesScript, {
      POSTGRES_PASSWORD: ownerPassword,
      POSTGRES_SERVICE_PASSWORD: servicePassword,
    }),
  );
  return {
    owner: loginUrl('analytics_owner', ownerPassword),
    service: loginUrl('analytics_app', servicePassword),
  };
}

/** Evaluates `\getenv name VARIABLE`, then `:'name'` as a literal and `:"name"` as an identifier, as psql does. */
function substitutePsqlVariables(script: string, environment: Readonly<Record<string, string>>): string {
  const variables = new Map([['DBNAME', DATABASE]]);
  const valueOf = (name: string): string => {
    const value = variables.get(name);
    if (value === undefined) throw new Error(`roles.sql uses the psql variable ${name}, which is not set`);
    return value;
  };
  return script
    .replaceAll(/^\\getenv (\w+) (\w+)$/gm, (_, name: string, variable: string) => {
      const value = environment[variable];
      if (value !== undefined) variables.set(name, value);
      return '';
    })
    .replaceAll(/:'(\w+)'/g, (_, name: string) => pg.escapeLiteral(valueOf(name)))
    .replaceAll(/:"(\w+)"/g, (_, name: string) => pg.escapeIdentifier(valueOf(name)));
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
