import { asOwner, withDatabase } from '../as-owner.js';

/** Returns the superuser's URL of the coordinator of a Citus cluster that the run tests on; null without one. */
export function clusterUrl(): string | null {
  const url = process.env['TEST_CITUS_URL'];
  return url === undefined || url === '' ? null : url;
}

/** Names an advisory lock of the cluster, for changes of what its databases share. */
const ALONE = 7_205_331;

/**
 * Runs an action while no other suite does one: roles and grants belong to the cluster, and PostgreSQL refuses
 * two changes of one role at the same moment.
 */
export function alone<T>(url: string, action: () => Promise<T>): Promise<T> {
  return asOwner(url, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [ALONE]);
    return action();
  });
}

interface Node {
  readonly host: string;
  readonly port: number;
}

/** Creates a database on all nodes of the cluster, with the workers registered as in the database of the URL. */
export async function createClusterDatabase(
  url: string,
  name: string,
): Promise<{ readonly name: string; readonly ownerUrl: string; drop(): Promise<void> }> {
  const workers = await workersOf(url);
  const nodes = [url, ...(await workerUrls(url))];
  for (const node of nodes) {
    await asOwner(node, (client) => client.query(`CREATE DATABASE ${name}`));
    await asOwner(withDatabase(node, name), (client) => client.query('CREATE EXTENSION citus'));
  }
  const ownerUrl = withDatabase(url, name);
  const { hostname, port } = new URL(url);
  await asOwner(ownerUrl, async (client) => {
    await client.query('SELECT citus_set_coordinator_host($1, $2)', [hostname, Number(port || 5432)]);
    for (const worker of workers)
      await client.query('SELECT citus_add_node($1, $2)', [worker.host, worker.port]);
  });
  return {
    name,
    ownerUrl,
    drop: async () => {
      for (const node of nodes) {
        await asOwner(node, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
      }
    },
  };
}

/** Creates the login role of the service on each node; a role that exists already is not created by Citus. */
export async function addServiceRole(
  url: string,
  { role, password }: { readonly role: string; readonly password: string },
): Promise<void> {
  for (const node of [url, ...(await workerUrls(url))]) {
    await asOwner(node, async (client) => {
      await client.query('SET citus.enable_ddl_propagation TO off');
      const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
      if (rowCount === 0) await client.query(`CREATE ROLE ${role} LOGIN NOSUPERUSER PASSWORD '${password}'`);
      await client.query(`GRANT analytics_service TO ${role}`);
    });
  }
}

/** Returns the superuser's URLs of the workers. */
export async function workerUrls(url: string): Promise<string[]> {
  return (await workersOf(url)).map((node) => urlOf(url, node));
}

async function workersOf(url: string): Promise<Node[]> {
  return asOwner(url, async (client) => {
    const { rows } = await client.query<Node>(
      `SELECT nodename AS host, nodeport AS port FROM pg_dist_node WHERE groupid <> 0 ORDER BY nodeid`,
    );
    return rows;
  });
}

function urlOf(coordinator: string, { host, port }: Node): string {
  const url = new URL(coordinator);
  url.hostname = host;
  url.port = String(port);
  return url.href;
}
