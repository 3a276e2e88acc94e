import { randomBytes } from 'node:crypto';

import type { Client } from 'pg';

import { asOwner, withDatabase } from './as-owner.js';
import { addServiceRole, alone, clusterUrl, createClusterDatabase } from './citus/cluster.js';
import { databaseName } from './citus/tables.js';
import { judgeStatements, watchStatements } from './citus/watched-statements.js';
import { testServices } from './services.js';

export const TEMPLATE_DATABASE = 'analytics_test_template';
const SERVICE_ROLE = 'analytics_test_service';
const SERVICE_PASSWORD = 'service';

export interface TestDatabase {
  readonly name: string;
  /** connects as the owner of the schema, a superuser */
  readonly ownerUrl: string;
  /** connects as the service does in production, with the rights of `analytics_service` alone */
  readonly serviceUrl: string;
  /** Cuts open connections and drops the database. */
  drop(): Promise<void>;
}

let isForDistributedTables = false;

/** Makes the suites of this test file run on distributed tables, on a cluster or in the same shape on one server. */
export function useDistributedTables(): void {
  isForDistributedTables = true;
}

/** True where a test file runs on distributed tables; costly scenes may run fewer of their cases there. */
export function areTablesDistributed(): boolean {
  return isForDistributedTables;
}

/**
 * Creates a migrated, empty database for one test file; with distributed tables when the run tests on a cluster.
 *
 * @param serverUrl owner's URL of a private, prepared server; default: the shared server
 */
export async function createTestDatabase(serverUrl?: string): Promise<TestDatabase> {
  if (serverUrl === undefined && (isForDistributedTables || clusterUrl() !== null))
    return createDistributedDatabase();
  return createPlainDatabase(serverUrl);
}

/** Creates a database of one server, also when the run tests on a cluster: for what only one server has. */
export async function createPlainDatabase(serverUrl?: string): Promise<TestDatabase> {
  const adminUrl = serverUrl ?? testServices().databaseUrl;
  const name = newName();
  await asOwner(adminUrl, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE_DATABASE}`));
  return {
    name,
    ownerUrl: withDatabase(adminUrl, name),
    serviceUrl: asService(withDatabase(adminUrl, name)),
    drop: async () => {
      await asOwner(adminUrl, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

/**
 * Creates a database whose tables a Citus cluster distributes: on TEST_CITUS_URL, else the same tables and functions on
 * the shared server. There dropping the database fails when an adapter has sent a statement that a cluster refuses.
 *
 * @param cluster null for the shared server
 * @param migrate runs the migrations; default: all of them
 */
export async function createDistributedDatabase(
  cluster = clusterUrl(),
  migrate: (ownerUrl: string) => Promise<unknown> = distribute,
): Promise<TestDatabase> {
  const name = newName({ distributed: true });
  if (cluster === null) {
    const database = await createEmptyDatabase(name);
    await migrate(database.ownerUrl);
    watchStatements(name);
    const drop = async () => {
      await database.drop();
      judgeStatements(name);
    };
    return { ...database, drop, serviceUrl: asService(database.ownerUrl) };
  }
  return alone(cluster, async () => {
    const database = await createClusterDatabase(cluster, name);
    await migrate(database.ownerUrl);
    await addServiceRole(cluster, { role: SERVICE_ROLE, password: SERVICE_PASSWORD });
    return { ...database, serviceUrl: asService(database.ownerUrl) };
  });
}

/** Runs the migrations of a cluster. @returns their names */
export async function distribute(ownerUrl: string): Promise<string[]> {
  const { runMigrations } = await import('../../src/infrastructure/persistence/migrations.js');
  return runMigrations({ databaseUrl: ownerUrl, isDistributed: true });
}

/** Creates an empty database without the schema, for tests of the migrations. */
export async function createEmptyDatabase(name = newName()): Promise<Omit<TestDatabase, 'serviceUrl'>> {
  const adminUrl = testServices().databaseUrl;
  await asOwner(adminUrl, (client) => client.query(`CREATE DATABASE ${name}`));
  return {
    name,
    ownerUrl: withDatabase(adminUrl, name),
    drop: async () => {
      await asOwner(adminUrl, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

/** Creates the migrated template and the service's login role on a test server. */
export async function prepareServer(adminUrl: string): Promise<void> {
  const { runMigrations } = await import('../../src/infrastructure/persistence/migrations.js');
  await asOwner(adminUrl, async (client) => {
    await dropTemplate(client);
    await client.query(`CREATE DATABASE ${TEMPLATE_DATABASE}`);
  });
  await runMigrations({ databaseUrl: withDatabase(adminUrl, TEMPLATE_DATABASE) });
  await asOwner(adminUrl, async (client) => {
    // PostgreSQL clones a database only while no client, not even autovacuum, is connected to it.
    await client.query(`ALTER DATABASE ${TEMPLATE_DATABASE} WITH ALLOW_CONNECTIONS false`);
    await client.query(`DROP ROLE IF EXISTS ${SERVICE_ROLE}`);
    await client.query(
      `CREATE ROLE ${SERVICE_ROLE} LOGIN NOSUPERUSER PASSWORD '${SERVICE_PASSWORD}' IN ROLE analytics_service`,
    );
  });
}

/** Undoes {@link prepareServer} on a server that outlives the test run. */
export async function cleanServer(adminUrl: string): Promise<void> {
  await asOwner(adminUrl, async (client) => {
    await dropTemplate(client);
    await client.query(`DROP ROLE IF EXISTS ${SERVICE_ROLE}`);
  });
}

async function dropTemplate(client: Client): Promise<void> {
  await client.query(`DROP DATABASE IF EXISTS ${TEMPLATE_DATABASE} WITH (FORCE)`);
}

function newName(shape = { distributed: false }): string {
  return databaseName(`${process.pid}_${randomBytes(5).toString('hex')}`, shape);
}

function asService(url: string): string {
  const changed = new URL(url);
  changed.username = SERVICE_ROLE;
  changed.password = SERVICE_PASSWORD;
  return changed.href;
}
