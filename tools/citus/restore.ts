import { addDaysToKey, formatToDateKey } from '../../src/shared/utils/timezone.util.js';
import { sleep } from '../../test/support/processes.js';
import { Ledger } from './ledger.js';
import { startLoad } from './load.js';
import { changeAddresses, readNodes } from './nodes.js';
import { RESTORE_POINT, type Restore } from './options.js';
import { run, sender, waitUntilAllStore } from './outage.js';
import type { Stage } from './stage.js';

const LASTS_MS = 3000;
/** A day that has no partitions yet. */
const NEW_DAY_AHEAD = 6;

/**
 * Restores backups of all nodes, made under load, to one restore point at other addresses.
 *
 * @param compare compares what is stored with a ledger, and returns what went wrong
 * @returns what went wrong
 */
export async function restoreCluster(
  stage: Stage,
  ledger: Ledger,
  { backup, restore, restored, end }: Restore,
  compare: (stage: Stage, ledger: Ledger, when: string) => Promise<string[]>,
): Promise<string[]> {
  const nodes = await readNodes(stage.owner());
  if (nodes.length !== restored.length)
    return [`--restored names ${restored.length} nodes, and the cluster has ${nodes.length}`];
  const load = startLoad(stage, ledger);
  await run(backup);
  await sleep(LASTS_MS);
  const before = ledger.copy();
  await stage.owner().rows('SELECT citus_create_restore_point($1)', [RESTORE_POINT]);
  const after = new Ledger();
  const laterLoad = startLoad(stage, after);
  await sleep(LASTS_MS);
  await Promise.all([load.stop(), laterLoad.stop()]);
  try {
    const stopped = performance.now();
    await run(restore);
    const taken = performance.now();
    const copy = await stage.openAt(restored);
    try {
      await changeAddresses(copy.owner(), nodes, restored, { force: false });
      const recovered = await copy.owner().value('SELECT recover_prepared_transactions()');
      const told = performance.now();
      const surplus = await after.countStored(copy.owner());
      console.log(
        `\nFlushes by ${stage.path}, backups under load restored to a point: restore ${((taken - stopped) / 1000).toFixed(1)} s, ` +
          `addresses and metadata ${((told - taken) / 1000).toFixed(1)} s, ${String(recovered)} transactions recovered; of ` +
          `${after.count} events after the point ${surplus} are there`,
      );
      const found = await compare(copy, before, 'after the restore');
      if (surplus > 0) found.push(`${surplus} events from after the restore point are there`);
      const { problems } = await waitUntilAllStore(sender(copy, before), 'the restore');
      const newDay = addDaysToKey(formatToDateKey(new Date()), NEW_DAY_AHEAD);
      await copy.eventLog.ensureDays(newDay, newDay);
      return [...found, ...problems];
    } finally {
      await copy.close();
    }
  } finally {
    await run(end);
    await stage.reconnectOwner();
  }
}
