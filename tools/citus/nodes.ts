import type { Sql } from '../../test/support/sql.js';

/** Tells the coordinator where a node is now; `force` ends sessions that hold locks of the node. */
const UPDATE_NODE_SQL = `
SELECT citus_update_node(nodeid, $3, $4::int, force => true) FROM pg_dist_node WHERE nodename = $1 AND nodeport = $2::int
`;
/** Tells all nodes; until then Citus refuses to make partitions. */
const SYNC_SQL = 'SELECT start_metadata_sync_to_all_nodes()';
const NODES_SQL = `SELECT nodename || ':' || nodeport AS node FROM pg_dist_node ORDER BY groupid <> 0, nodeid`;

/** Tells the cluster that nodes are at other addresses now: pairs of `host:port`, the former one first. */
export async function changeAddresses(
  owner: Sql,
  changes: readonly (readonly [string, string])[],
): Promise<void> {
  for (const [former, now] of changes)
    await owner.rows(UPDATE_NODE_SQL, [...former.split(':'), ...now.split(':')]);
  await owner.rows(SYNC_SQL);
}

/** Returns `host:port` of each node, the coordinator first, the workers in the order of their addition. */
export async function readNodes(owner: Sql): Promise<string[]> {
  return (await owner.rows<{ node: string }>(NODES_SQL)).map(({ node }) => node);
}
