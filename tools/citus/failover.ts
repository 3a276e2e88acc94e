import { addDaysToKey, formatToDateKey } from '../../src/shared/utils/timezone.util.js';
import { sleep } from '../../test/support/processes.js';
import { waitForRecovery } from '../../test/support/recovery.js';
import type { Ledger } from './ledger.js';
import { startLoad } from './load.js';
import { changeAddresses, readNodes } from './nodes.js';
import type { Failover } from './options.js';
import { run, sender, waitUntilAllStore } from './outage.js';
import type { Stage } from './stage.js';

const BEFORE_MS = 3000;
/** A day that has no partitions yet. */
const NEW_DAY_AHEAD = 5;

/** Loses a node under load, promotes its standby and tells the coordinator. @returns what went wrong */
export async function failOver(stage: Stage, ledger: Ledger, failover: Failover): Promise<string[]> {
  const today = formatToDateKey(new Date());
  const [coordinator] = await readNodes(stage.owner());
  const load = startLoad(stage, ledger);
  await sleep(BEFORE_MS);
  const lost = performance.now();
  await run(failover.promote);
  const promoted = performance.now();
  if (failover.node === coordinator) await stage.reconnectOwner(failover.standby);
  await changeAddresses(stage.owner(), [failover.node], [failover.standby], { force: true });
  const told = performance.now();
  const { ms, problems } = await waitUntilAllStore(sender(stage, ledger), 'citus_update_node');
  await waitForRecovery(() => stage.eventLog.queryDau(today));
  const counted = performance.now();
  const newDay = addDaysToKey(today, NEW_DAY_AHEAD);
  await stage.eventLog.ensureDays(newDay, newDay);
  await load.stop();
  const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(1);
  console.log(
    `\nFlushes by ${stage.path}, the standby of ${failover.node} promoted under load: kill and promotion ` +
      `${seconds(promoted - lost)} s, citus_update_node and metadata ${seconds(told - promoted)} s, every bucket stored ` +
      `${seconds(ms)} s later, the log was counted ${seconds(counted - told)} s later, a new day has its partitions; ` +
      `${load.failures} requests failed and were sent again, the slowest answer came after ${seconds(load.slowestMs)} s`,
  );
  return [...problems];
}
