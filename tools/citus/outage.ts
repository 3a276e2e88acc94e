import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { BUCKETS, bucketOf } from '../../src/infrastructure/persistence/citus/buckets.js';
import { sleep, waitFor } from '../../test/support/processes.js';
import { RECOVERY_MS, RecoveryWatch } from '../../test/support/recovery.js';
import type { Ledger } from './ledger.js';
import { sessionOf } from './load.js';
import type { Outage } from './options.js';
import { nodeOf, readPlacements } from './placements.js';
import type { Stage } from './stage.js';

const LASTS_MS = 6000;
const PAUSE_MS = 50;
/** A request is answered within two seconds, whatever the database does. */
const ANSWER_WITHIN_MS = 2000;
const STORED = 'stored';
/** Codes that a client sees as 503. */
const UNAVAILABLE = ['database_unavailable', 'database_too_slow'];

/** Counts the answers for the events of one bucket during an outage. */
interface Answers {
  readonly counts: Map<string, number>;
  slowestMs: number;
}

/** Loses a server, sends events to each bucket alone, and brings it back. @returns what went wrong */
export async function loseServer(stage: Stage, ledger: Ledger, outage: Outage): Promise<string[]> {
  const homes = new Map((await readPlacements(stage.owner())).map((each) => [each.bucket, nodeOf(each)]));
  const send = sender(stage, ledger);
  await run(outage.begin);
  const answers = await sendForAWhile(send);
  print(`Flushes by ${stage.path}, ${outage.name} for ${LASTS_MS / 1000} s:`, answers, homes);
  await run(outage.end);
  const { ms, problems } = await waitUntilAllStore(send, `the end of ${outage.name}`);
  console.log(`  every bucket stores again ${ms.toFixed(0)} ms after its end`);
  await stage.reconnectOwner();
  return [...judge(answers, homes, outage.losesBuckets ? 1 : 0), ...problems];
}

/** Waits until an event of each bucket is stored. @returns how long that took, and what is wrong with it */
export async function waitUntilAllStore(
  send: (bucket: number) => Promise<string>,
  since: string,
): Promise<{ readonly ms: number; readonly problems: readonly string[] }> {
  const watch = new RecoveryWatch();
  const startMs = performance.now();
  try {
    for (const bucket of BUCKETS)
      await waitFor(async () => (await send(bucket)) === STORED, RECOVERY_MS, {
        intervalMs: 100,
        what: `bucket ${bucket} stores after ${since}`,
      });
  } finally {
    watch.stop();
  }
  const ms = performance.now() - startMs;
  const lateMs = await watch.end();
  const problems =
    lateMs > 0 ? [`the buckets were back ${ms.toFixed(0)} ms after ${since}, more than is promised`] : [];
  return { ms, problems };
}

/** Returns a client that sends an event of a bucket, and returns what came of it. */
export function sender({ eventLog }: Stage, ledger: Ledger): (bucket: number) => Promise<string> {
  const users = new Map(BUCKETS.map((bucket) => [bucket, userOf(bucket)]));
  return async (bucket) => {
    const event = sessionOf(users.get(bucket) as number);
    try {
      await eventLog.batchInsert([event]);
      ledger.acknowledge([event]);
      return STORED;
    } catch (error) {
      return (error as { readonly code?: string }).code ?? String(error);
    }
  };
}

async function sendForAWhile(
  send: (bucket: number) => Promise<string>,
): Promise<ReadonlyMap<number, Answers>> {
  const answers = new Map<number, Answers>(
    BUCKETS.map((bucket) => [bucket, { counts: new Map(), slowestMs: 0 }]),
  );
  const until = performance.now() + LASTS_MS;
  await Promise.all(
    [...answers].map(async ([bucket, seen]) => {
      while (performance.now() < until) {
        const since = performance.now();
        const answer = await send(bucket);
        seen.counts.set(answer, (seen.counts.get(answer) ?? 0) + 1);
        seen.slowestMs = Math.max(seen.slowestMs, performance.now() - since);
        await sleep(PAUSE_MS);
      }
    }),
  );
  return answers;
}

function print(
  title: string,
  answers: ReadonlyMap<number, Answers>,
  homes: ReadonlyMap<number, string>,
): void {
  console.log(`\n${title}`);
  for (const [bucket, { counts, slowestMs }] of answers) {
    const all = [...counts].map(([answer, count]) => `${count} ${answer}`).join(', ');
    console.log(`  bucket ${bucket} on ${homes.get(bucket)}: ${all}; slowest ${slowestMs.toFixed(0)} ms`);
  }
}

/** A worker is lost when none of its buckets stored anything; every other bucket must have stored everything. */
function judge(
  answers: ReadonlyMap<number, Answers>,
  homes: ReadonlyMap<number, string>,
  lostWorkers: number,
): string[] {
  const lost = new Set(
    [...answers].filter(([, { counts }]) => !counts.has(STORED)).map(([bucket]) => homes.get(bucket)),
  );
  const problems =
    lost.size === lostWorkers ? [] : [`${lost.size} workers stored nothing, ${lostWorkers} was to be lost`];
  for (const [bucket, { counts, slowestMs }] of answers) {
    const expected = lost.has(homes.get(bucket)) ? UNAVAILABLE : [STORED];
    const others = [...counts.keys()].filter((answer) => !expected.includes(answer));
    if (others.length > 0)
      problems.push(`bucket ${bucket} answered ${others.join(', ')}, not ${expected.join(' or ')}`);
    if (slowestMs > ANSWER_WITHIN_MS)
      problems.push(
        `bucket ${bucket} answered after ${slowestMs.toFixed(0)} ms, more than ${ANSWER_WITHIN_MS}`,
      );
  }
  return problems;
}

function userOf(bucket: number): number {
  let user = 1;
  while (bucketOf(`u:${user}`) !== bucket) user++;
  return user;
}

/** Runs a command of the shell; the load goes on meanwhile. */
export async function run(command: string): Promise<void> {
  // A server that the command starts keeps its output open, so nobody may wait for the end of it.
  await promisify(execFile)('sh', ['-c', `{ ${command}\n} >/dev/null </dev/null`]);
}
