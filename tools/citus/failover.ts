import { addDaysToKey, formatToDateKey } from '../../src/shared/utils/timezone.util.js';
import { sleep } from '../../test/support/processes.js';
import type { Ledger } from './ledger.js';
import { startLoad } from './load.js';
import type { Failover } from './options.js';
import { run, sender, waitUntilAllStore } from './outage.js';
import type { Stage } from './stage.js';

const BEFORE_MS = 3000;
/** A day that has no partitions yet. */
const NEW_DAY_AHEAD = 5;
/** The service promises to be back in this time after a promotion. */
const BACK_WITHIN_MS = 10_000;

/** Tells the coordinator where a promoted standby is; `force` ends sessions that hold locks of the node. */
const UPDATE_NODE_SQL = `
SELECT citus_update_node(nodeid, $3, $4::int, force => true) FROM pg_dist_node WHERE nodename = $1 AND nodeport = $2::int
`;
/** Tells all nodes; until then Citus refuses to make partitions. */
const SYNC_SQL = 'SELECT start_metadata_sync_to_all_nodes()';

/** Loses a worker under load, promotes its standby and tells the coordinator. @returns what went wrong */
export async function failOver(stage: Stage, ledger: Ledger, failover: Failover): Promise<string[]> {
  const load = startLoad(stage, ledger);
  await sleep(BEFORE_MS);
  const lost = performance.now();
  await run(failover.promote);
  const promoted = performance.now();
  await stage.owner().rows(UPDATE_NODE_SQL, [...failover.worker.split(':'), ...failover.standby.split(':')]);
  await stage.owner().rows(SYNC_SQL);
  const told = performance.now();
  await waitUntilAllStore(sender(stage, ledger));
  const back = performance.now();
  const day = addDaysToKey(formatToDateKey(new Date()), NEW_DAY_AHEAD);
  await stage.eventLog.ensureDays(day, day);
  await load.stop();
  const seconds = (from: number, to: number): string => ((to - from) / 1000).toFixed(1);
  console.log(
    `\nFlushes by ${stage.path}, the standby of ${failover.worker} promoted under load: kill and promotion ` +
      `${seconds(lost, promoted)} s, citus_update_node and metadata ${seconds(promoted, told)} s, every bucket stored ` +
      `${seconds(told, back)} s later; ${load.failures} requests failed and were sent again`,
  );
  return back - told > BACK_WITHIN_MS
    ? [
        `the buckets were back ${seconds(told, back)} s after citus_update_node, more than ${BACK_WITHIN_MS / 1000}`,
      ]
    : [];
}
