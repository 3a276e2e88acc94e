import { execFileSync } from 'node:child_process';

import { BUCKETS, bucketOf } from '../../src/infrastructure/persistence/citus/buckets.js';
import { waitFor } from '../../test/support/processes.js';
import type { Ledger } from './ledger.js';
import { sessionOf } from './load.js';
import type { CheckCitusOptions } from './options.js';
import { nodeOf, readPlacements } from './placements.js';
import type { Stage } from './stage.js';

const ROUNDS = 5;
const RECOVERY_MS = 30_000;
const STORED = 'stored';

/** Stops a worker, sends events to each bucket alone, and starts it again. @returns what went wrong */
export async function loseWorker(
  { eventLog, owner, path }: Stage,
  ledger: Ledger,
  { stop, start }: NonNullable<CheckCitusOptions['outage']>,
): Promise<string[]> {
  const homes = new Map((await readPlacements(owner)).map((each) => [each.bucket, nodeOf(each)]));
  const users = new Map(BUCKETS.map((bucket) => [bucket, userOf(bucket)]));
  const send = async (bucket: number): Promise<string> => {
    const event = sessionOf(users.get(bucket) as number);
    try {
      await eventLog.batchInsert([event]);
      ledger.acknowledge([event]);
      return STORED;
    } catch (error) {
      return (error as { readonly code?: string }).code ?? String(error);
    }
  };
  run(stop);
  const answers = new Map<number, string[]>(BUCKETS.map((bucket) => [bucket, []]));
  let slowestMs = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const since = performance.now();
    await Promise.all(BUCKETS.map(async (bucket) => answers.get(bucket)?.push(await send(bucket))));
    slowestMs = Math.max(slowestMs, performance.now() - since);
  }
  console.log(
    `\nFlushes by ${path}, a worker stopped, ${ROUNDS} events a bucket, slowest answer ${slowestMs.toFixed(0)} ms:`,
  );
  for (const [bucket, all] of answers)
    console.log(`  bucket ${bucket} on ${homes.get(bucket)}: ${all.join(', ')}`);
  run(start);
  const started = performance.now();
  for (const bucket of BUCKETS)
    await waitFor(async () => (await send(bucket)) === STORED, RECOVERY_MS, { intervalMs: 100 });
  console.log(
    `  every bucket stores again ${(performance.now() - started).toFixed(0)} ms after the start of the worker`,
  );
  return judge(answers, homes);
}

/** A worker is lost when none of its buckets stored anything; every other bucket must have stored everything. */
function judge(
  answers: ReadonlyMap<number, readonly string[]>,
  homes: ReadonlyMap<number, string>,
): string[] {
  const lost = new Set(
    [...answers].filter(([, all]) => !all.includes(STORED)).map(([bucket]) => homes.get(bucket)),
  );
  const problems = lost.size === 1 ? [] : [`${lost.size} workers stored nothing, one was to be stopped`];
  for (const [bucket, all] of answers) {
    const expected = lost.has(homes.get(bucket)) ? 'database_unavailable' : STORED;
    const others = all.filter((answer) => answer !== expected);
    if (others.length > 0) problems.push(`bucket ${bucket} answered ${others.join(', ')}, not ${expected}`);
  }
  return problems;
}

function userOf(bucket: number): number {
  let user = 1;
  while (bucketOf(`u:${user}`) !== bucket) user++;
  return user;
}

function run(command: string): void {
  execFileSync('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'inherit'] });
}
