import { randomBytes } from 'node:crypto';

import { Client } from 'pg';

import { testServices } from './services.js';

export const TEMPLATE_DATABASE = 'analytics_test_template';
const SERVICE_ROLE = 'analytics_test_service';
const SERVICE_PASSWORD = 'service';

export interface TestDatabase {
  readonly name: string;
  /** as the owner of the schema, a superuser */
  readonly ownerUrl: string;
  /** as the service connects in production: with the rights of `analytics_service` and no more */
  readonly serviceUrl: string;
  /** Cuts open connections and removes it. */
  drop(): Promise<void>;
}

/**
 * A migrated, empty database for one test file.
 *
 * @param serverUrl owner's URL of a private server that {@link prepareServer} has been called for; default: the shared one
 */
export async function createTestDatabase(serverUrl?: string): Promise<TestDatabase> {
  const adminUrl = serverUrl ?? testServices().databaseUrl;
  const name = `analytics_test_${process.pid}_${randomBytes(5).toString('hex')}`;
  await asOwner(adminUrl, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE_DATABASE}`));
  const serviceUrl = new URL(withDatabase(adminUrl, name));
  serviceUrl.username = SERVICE_ROLE;
  serviceUrl.password = SERVICE_PASSWORD;
  return {
    name,
    ownerUrl: withDatabase(adminUrl, name),
    serviceUrl: serviceUrl.href,
    drop: async () => {
      await asOwner(adminUrl, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

/** An empty database without the schema, for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<Omit<TestDatabase, 'serviceUrl'>> {
  const adminUrl = testServices().databaseUrl;
  const name = `analytics_test_${process.pid}_${randomBytes(5).toString('hex')}`;
  await asOwner(adminUrl, (client) => client.query(`CREATE DATABASE ${name}`));
  return {
    name,
    ownerUrl: withDatabase(adminUrl, name),
    drop: async () => {
      await asOwner(adminUrl, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

/** Makes the migrated template and the service's login role on a server for tests. */
export async function prepareServer(adminUrl: string): Promise<void> {
  const { runMigrations } = await import('../../src/infrastructure/persistence/migrations.js');
  await asOwner(adminUrl, async (client) => {
    await dropTemplate(client);
    await client.query(`CREATE DATABASE ${TEMPLATE_DATABASE}`);
  });
  await runMigrations({ databaseUrl: withDatabase(adminUrl, TEMPLATE_DATABASE) });
  await asOwner(adminUrl, async (client) => {
    // Nobody, autovacuum included, may be connected to a database while it is cloned.
    await client.query(`ALTER DATABASE ${TEMPLATE_DATABASE} WITH ALLOW_CONNECTIONS false`);
    await client.query(`DROP ROLE IF EXISTS ${SERVICE_ROLE}`);
    await client.query(
      `CREATE ROLE ${SERVICE_ROLE} LOGIN NOSUPERUSER PASSWORD '${SERVICE_PASSWORD}' IN ROLE analytics_service`,
    );
  });
}

/** Undoes {@link prepareServer}, for a server that is not ours to throw away. */
export async function cleanServer(adminUrl: string): Promise<void> {
  await asOwner(adminUrl, async (client) => {
    await dropTemplate(client);
    await client.query(`DROP ROLE IF EXISTS ${SERVICE_ROLE}`);
  });
}

async function dropTemplate(client: Client): Promise<void> {
  await client.query(`DROP DATABASE IF EXISTS ${TEMPLATE_DATABASE} WITH (FORCE)`);
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function asOwner<T>(url: string, action: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await action(client);
  } finally {
    await client.end();
  }
}
