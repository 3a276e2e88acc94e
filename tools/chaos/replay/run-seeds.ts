import type { ChaosOptions } from '../options.js';
import { replicasOf, storesOf } from '../plan/stores.js';

/** Runs the seeds one after the other; returns the first exit code that is not 0. An interrupt ends all of them. */
export async function runSeeds(
  { runs, ...options }: ChaosOptions,
  run: (options: ChaosOptions) => Promise<number>,
): Promise<number> {
  let worst = 0;
  for (let turn = 0; turn < (runs?.count ?? 1); turn += 1) {
    const seed = nextSeed(options.seed, turn);
    const chosen = runs && {
      stores: runs.stores ?? storesOf(seed),
      replicas: runs.replicas ?? replicasOf(seed),
    };
    const exitCode = await run({ ...options, seed, ...chosen });
    if (exitCode === 130) return exitCode;
    if (worst === 0) worst = exitCode;
  }
  return worst;
}

/** Counts on from a number, and numbers the runs of a word. */
export function nextSeed(seed: string, turn: number): string {
  if (turn === 0) return seed;
  return /^\d{1,15}$/.test(seed) ? String(Number(seed) + turn) : `${seed}-${String(turn + 1)}`;
}
