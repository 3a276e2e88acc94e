import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseOptions, type ChaosOptions } from '../../../../tools/chaos/options.js';
import { ALL_KINDS } from '../../../../tools/chaos/plan/fault-kinds.js';
import { planFaults } from '../../../../tools/chaos/plan/fault-plan.js';
import { runSeeds } from '../../../../tools/chaos/replay/run-seeds.js';

const PAGE = readFileSync(new URL('../../../../docs/reliability.md', import.meta.url), 'utf8');
/** The commands of several runs, as a reader repeats them. */
const BATCHES = [...PAGE.matchAll(/`npm run chaos -- ([^`]*--runs \d[^`]*)`/g)].map(([, argv]) => argv ?? '');

async function runsOf(argv: string): Promise<ChaosOptions[]> {
  const options = parseOptions(argv.split(' '), { seed: '1' });
  if (options === undefined || !('seed' in options)) throw new Error(`${argv} is no run`);
  const runs: ChaosOptions[] = [];
  await runSeeds(options, async (each) => {
    runs.push(each);
    return 0;
  });
  return runs;
}

describe('the batches of docs/reliability.md', () => {
  it('have every kind of fault, 14 a minute, in six hours', async () => {
    const runs = (await Promise.all(BATCHES.map(runsOf))).flat();
    const faults = runs.flatMap(planFaults);
    const minutes = runs.reduce((sum, { durationMs }) => sum + durationMs / 60_000, 0);
    expect(ALL_KINDS.filter((kind) => !faults.some((fault) => fault.kind === kind))).toEqual([]);
    expect(minutes).toBeGreaterThanOrEqual(360);
    expect(faults.length / minutes).toBeGreaterThanOrEqual(14);
  });
});
