/** `npm run check:citus` stores events while shards move and while servers are lost; docs/citus.md has the results. */
import { Logger } from '@nestjs/common';

import { BUCKETS } from '../../src/infrastructure/persistence/citus/buckets.js';
import { addDaysToKey, formatToDateKey } from '../../src/shared/utils/timezone.util.js';
import { clusterUrl } from '../../test/support/citus/cluster.js';
import { sleep } from '../../test/support/processes.js';
import { commandLineOf } from '../support/command-line-of.js';
import { failOver } from './failover.js';
import { isClean, Ledger } from './ledger.js';
import { startLoad } from './load.js';
import { CHECK_CITUS } from './options.js';
import { loseServer, run } from './outage.js';
import { moveBucket } from './placements.js';
import { restoreCluster } from './restore.js';
import { openStage, type Stage } from './stage.js';

/** Days without partitions, which are made under load. */
const NEW_DAYS_AHEAD = [2, 3, 4];
const NEW_DAY_LOAD_MS = 2000;

/** Steps through the buckets, so that each move is of another one. */
const STRIDE = 3;

const options = commandLineOf(CHECK_CITUS);
Logger.overrideLogger(false);
const cluster = clusterUrl();
if (cluster === null) {
  console.error('TEST_CITUS_URL must name a database of a coordinator; it is not set. See docs/citus.md.');
  process.exit(2);
}
const problems: string[] = [];
for (const path of options.paths) {
  const stage = await openStage(cluster, path, options.failover);
  try {
    problems.push(...(await check(stage)).map((problem) => `${path}: ${problem}`));
  } finally {
    await stage.close();
  }
}
console.log(problems.length === 0 ? '\nAll checks hold.' : `\n${problems.join('\n')}`);
process.exitCode = problems.length === 0 ? 0 : 1;

async function check(stage: Stage): Promise<string[]> {
  const today = formatToDateKey(new Date());
  await stage.eventLog.ensureDays(addDaysToKey(today, -1), addDaysToKey(today, 1));
  const ledger = new Ledger();
  await moveShards(stage, ledger);
  await addDays(stage, ledger);
  const found = await compare(stage, ledger, 'after the moves');
  const outages = options.outages.filter(({ paths }) => paths.some((path) => path === stage.path));
  if (outages.length === 0) console.log('No server is lost: the options that lose one are absent.');
  for (const outage of outages) {
    found.push(...(await loseServer(stage, ledger, outage)));
    found.push(...(await compare(stage, ledger, `after ${outage.name}`)));
  }
  if (options.restore !== null)
    found.push(...(await restoreCluster(stage, ledger, options.restore, compare)));
  if (options.failover !== null) {
    try {
      found.push(...(await failOver(stage, ledger, options.failover)));
      found.push(...(await compare(stage, ledger, 'after the failover')));
    } finally {
      // The former node lacks rows of its standby; the database is dropped next.
      await run(options.failover.comeBack);
    }
  }
  return found;
}

async function moveShards(stage: Stage, ledger: Ledger): Promise<void> {
  console.log(`\nFlushes by ${stage.path}: ${options.moves} moves under load`);
  const load = startLoad(stage, ledger);
  try {
    for (let move = 1; move <= options.moves; move++) {
      const bucket = BUCKETS[(move * STRIDE) % BUCKETS.length] as number;
      const { from, to, ms } = await moveBucket(stage.owner(), bucket);
      console.log(
        `  move ${move} of ${options.moves}: bucket ${bucket} from ${from} to ${to}, ${(ms / 1000).toFixed(1)} s, ` +
          `${ledger.count} events acknowledged, ${load.failures} requests failed`,
      );
    }
  } finally {
    await load.stop();
  }
}

/** Prints how long flushes wait for the locks of new partitions. */
async function addDays(stage: Stage, ledger: Ledger): Promise<void> {
  const today = formatToDateKey(new Date());
  for (const ahead of NEW_DAYS_AHEAD) {
    const load = startLoad(stage, ledger);
    await sleep(NEW_DAY_LOAD_MS);
    const usualMs = load.slowestMs;
    const day = addDaysToKey(today, ahead);
    const start = performance.now();
    await stage.eventLog.ensureDays(day, day);
    const took = performance.now() - start;
    await load.stop();
    console.log(
      `  partitions of ${day} in ${took.toFixed(0)} ms: slowest answer ${load.slowestMs.toFixed(0)} ms, ` +
        `before it ${usualMs.toFixed(0)} ms; ${load.failures} requests failed`,
    );
  }
}

/** Prints each bucket's balance and the audit of the day. @returns what went wrong */
async function compare({ owner, eventLog, actives }: Stage, ledger: Ledger, when: string): Promise<string[]> {
  const balances = await ledger.compare(owner());
  console.log(
    `  bucket by bucket ${when}: acknowledged / lost / twice / without message / drift of the active set`,
  );
  for (const { bucket, acknowledged, lost, twice, unsent, drift } of balances)
    console.log(`    ${bucket}: ${acknowledged} / ${lost} / ${twice} / ${unsent} / ${drift}`);
  const found = balances
    .filter((balance) => !isClean(balance))
    .map(({ bucket }) => `bucket ${bucket} does not balance ${when}`);
  const today = formatToDateKey(new Date());
  const [log, set] = await Promise.all([eventLog.queryDau(today), actives.countNow(today)]);
  console.log(`  audit of ${today}: the log has ${log.total} users, the active set ${set.total}`);
  if (log.total !== set.total)
    found.push(`the audit finds ${log.total} users in the log, ${set.total} in the set`);
  return found;
}
