import { BROKEN_RUN, runPlan, type ChaosEnvironment } from '../chaos-run.js';
import { checkHistory } from '../checkers/check-history.js';
import { readHistory } from '../history/history-file.js';
import type { ChaosOptions } from '../options.js';
import type { PlannedFault } from '../plan/fault-plan.js';
import { combine } from './sabotage.js';
import { SEEDED_FAULTS } from './seeded-faults.js';

/** One fault that heals at once, and a calm after it that is long enough to be judged. */
const REDIS_EMPTY: PlannedFault = {
  ...{ id: 0, round: 0, kind: 'redis.empty', startMs: 3_000, durationMs: 0 },
};
const LOAD_MS = 26_000;
const NO_SUCH_REPLICA = 99;
/** Lets a leak of half a minute count as one of many minutes. */
const MEMORY_STRETCHED = 15;

/** Commits every seeded fault in one real run and returns 0 when exactly their checks find them. */
export async function proveCheckers(options: ChaosOptions, environment: ChaosEnvironment): Promise<number> {
  const { output } = environment;
  const impossible: PlannedFault = { ...REDIS_EMPTY, id: 1, kind: 'replica.kill', replica: NO_SUCH_REPLICA };
  const { checks: found, historyPath } = await runPlan(
    {
      ...options,
      ...{ stores: [], replicas: 2, devices: 60, speed: 20, durationMs: LOAD_MS, calmMs: 0 },
      plan: [REDIS_EMPTY, impossible],
      isQuiet: true,
      // Totals add up every run below a directory, and these are wrong on purpose.
      directory: `${options.directory}-proofs`,
    },
    { ...environment, output: { isTTY: false, write: () => undefined }, sabotage: combine(SEEDED_FAULTS) },
  );
  const broken = found.find(({ name }) => name === BROKEN_RUN);
  if (broken !== undefined) throw new Error(broken.detail);
  const history = readHistory(historyPath);
  const memory = history.memory.map((sample) => ({ ...sample, atMs: sample.atMs * MEMORY_STRETCHED }));
  // Delays are made on purpose here, so a busy machine excuses none.
  const checks = [...found, ...checkHistory({ ...history, memory, machine: [] })].filter(
    ({ verdict }) => verdict === 'wrong',
  );
  const names = new Set(checks.map(({ name }) => name));
  const expected = new Set(SEEDED_FAULTS.flatMap((fault) => fault.checks));
  for (const { commits, checks: expectedNames } of SEEDED_FAULTS) {
    for (const name of expectedNames)
      output.write(`  ${names.has(name) ? '✓' : '✗'} a service that ${commits}: ${name}\n`);
  }
  const surplus = checks.filter(({ name }) => !expected.has(name));
  for (const { name, detail, samples } of surplus)
    output.write(`  ✗ nobody committed this: ${name}: ${detail}; ${samples.join('; ')}\n`);
  const missed = [...expected].filter((name) => !names.has(name));
  const holds = missed.length === 0 && surplus.length === 0;
  output.write(`${String(expected.size - missed.length)} of ${String(expected.size)} seeded faults found\n`);
  return holds ? 0 : 1;
}
