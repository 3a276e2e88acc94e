import { describe, expect, it } from '@jest/globals';
import type { AppliedFault } from '../../../../tools/chaos/history/history.js';
import type { FaultTargets } from '../../../../tools/chaos/nemesis/fault-action.js';
import { Nemesis } from '../../../../tools/chaos/nemesis/nemesis.js';
import type { PlannedFault } from '../../../../tools/chaos/plan/fault-plan.js';

/** A Redis whose new server takes its time. */
const HEALS_IN_MS = 300;
const stage = {
  redis: {
    kill: async () => undefined,
    startAgain: () => new Promise((resolve) => setTimeout(resolve, HEALS_IN_MS)),
  },
} as unknown as FaultTargets;

async function run(plan: readonly PlannedFault[]): Promise<AppliedFault[]> {
  const applied: AppliedFault[] = [];
  const begunMs = performance.now();
  const nemesis = new Nemesis(stage, {
    elapsedMs: () => performance.now() - begunMs,
    stop: new AbortController().signal,
    onFault: (fault) => applied.push(fault),
  });
  await nemesis.run(plan);
  return applied;
}

function crash(round: number, startMs: number): PlannedFault {
  return { id: round, round, kind: 'redis.crash', startMs, durationMs: 10 };
}

describe('Nemesis', () => {
  it('begins a round only when every fault of the round before is healed', async () => {
    const [first, second] = await run([crash(0, 0), crash(1, 20)]);
    expect(first?.healedMs).toBeGreaterThanOrEqual(HEALS_IN_MS);
    expect(second?.appliedMs).toBeGreaterThanOrEqual(first?.healedMs ?? Infinity);
  });

  it('applies the faults of one round together', async () => {
    const both = [crash(0, 0), { ...crash(0, 0), id: 1 }];
    const [first, second] = await run(both);
    expect(second?.appliedMs).toBeLessThan(first?.healedMs ?? 0);
  });
});
