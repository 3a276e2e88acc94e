import { waitFor } from '../../test/support/processes.js';
import type { Sql } from '../../test/support/sql.js';

const DAEMON_MS = 10_000;

/** The first statement starts the daemon; a change before it runs crashes the server of Citus 12.1 (null latch). */
const DAEMON_SQL = `
SELECT EXISTS (
  SELECT FROM pg_stat_activity WHERE application_name = 'Citus Maintenance Daemon' AND datname = current_database()
)
`;
/** Tells the coordinator where nodes are now; `force` ends sessions that hold locks of a node. */
const UPDATE_NODES_SQL = `
SELECT citus_update_node(n.nodeid, c.host, c.port, force => $3)
FROM unnest($1::text[], $2::text[]) AS given (former, now)
CROSS JOIN LATERAL (SELECT split_part(given.now, ':', 1) AS host, split_part(given.now, ':', 2)::int AS port) c
JOIN pg_dist_node n ON n.nodename || ':' || n.nodeport = given.former
`;
/** Tells all nodes; until then Citus refuses to make partitions. */
const SYNC_SQL = 'SELECT start_metadata_sync_to_all_nodes()';
const NODES_SQL = `SELECT nodename || ':' || nodeport AS node FROM pg_dist_node ORDER BY groupid <> 0, nodeid`;

/**
 * Tells the cluster that nodes are at other addresses now.
 *
 * @param former `host:port` of each
 * @param force ends sessions that hold locks of these nodes
 */
export async function changeAddresses(
  owner: Sql,
  former: readonly string[],
  now: readonly string[],
  { force }: { readonly force: boolean },
): Promise<void> {
  await waitFor(() => owner.value(DAEMON_SQL), DAEMON_MS, { what: 'the maintenance daemon of Citus runs' });
  await owner.rows(UPDATE_NODES_SQL, [former, now, force]);
  await owner.rows(SYNC_SQL);
}

/** Returns `host:port` of each node, the coordinator first, the workers in the order of their addition. */
export async function readNodes(owner: Sql): Promise<string[]> {
  return (await owner.rows<{ node: string }>(NODES_SQL)).map(({ node }) => node);
}
