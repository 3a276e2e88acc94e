import { clusterUrl } from './cluster.js';
import type { Sql } from '../sql.js';

/** Locks that are asked for and not granted, of the database of the connection, on one node. */
const WAITS_SQL = `
SELECT count(DISTINCT l.pid)::int AS n FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE NOT l.granted AND l.locktype IN ('transactionid', 'relation') AND a.datname = current_database()`;

/** Counts the statements that wait for a lock, on every node of a cluster. */
export async function countLockWaits(sql: Sql): Promise<number> {
  if (clusterUrl() === null || !sql.isDistributed) return Number(await sql.value(WAITS_SQL));
  const rows = await sql.rows<{ result: string }>('SELECT result FROM run_command_on_all_nodes($1)', [
    WAITS_SQL,
  ]);
  return rows.reduce((sum, { result }) => sum + Number(result), 0);
}
