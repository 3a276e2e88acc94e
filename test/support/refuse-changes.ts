import { clusterUrl } from './citus/cluster.js';
import type { Sql } from './sql.js';

/**
 * Makes changes of a table's rows fail; on a cluster only the shards take triggers.
 *
 * @param changes e.g. `UPDATE OR DELETE`
 * @returns lets them pass again
 */
export async function refuseChanges(
  owner: Sql,
  changes: string,
  table: string,
): Promise<() => Promise<void>> {
  await owner.rows(
    `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''broken''; END'`,
  );
  const trigger = `CREATE TRIGGER broken BEFORE ${changes} ON %s FOR EACH ROW EXECUTE FUNCTION public.refuse_change()`;
  if (clusterUrl() === null) await owner.rows(trigger.replace('%s', table));
  else await owner.rows('SELECT run_command_on_shards($1, $2)', [table, trigger]);
  return async () => {
    await owner.rows('DROP FUNCTION refuse_change CASCADE');
  };
}
