import { describe, expect, it } from '@jest/globals';
import { closeGaps } from '../../../../tools/chaos/shrink/close-gaps.js';
import { shrinkFaults } from '../../../../tools/chaos/shrink/shrink-faults.js';
import { planFaults } from '../../../../tools/chaos/plan/fault-plan.js';

const NUMBERS = Array.from({ length: 20 }, (_, number) => number);

describe('shrinkFaults', () => {
  it.each<[what: string, cause: readonly number[]]>([
    ['one fault', [13]],
    ['two faults that are far apart', [2, 17]],
    ['three faults', [4, 5, 19]],
    ['all of them', NUMBERS],
  ])('leaves the cause alone when it is %s', async (_what, cause) => {
    const fails = async (part: readonly number[]): Promise<boolean> =>
      cause.every((fault) => part.includes(fault));
    expect(await shrinkFaults(NUMBERS, fails, 1_000)).toEqual(cause);
  });

  it('makes no more attempts than allowed and returns the smallest part that failed', async () => {
    let attempts = 0;
    const shrunk = await shrinkFaults(
      NUMBERS,
      async (part) => {
        attempts += 1;
        return part.includes(13);
      },
      3,
    );
    expect(attempts).toBe(3);
    expect(shrunk).toContain(13);
    expect(shrunk.length).toBeLessThan(NUMBERS.length);
  });

  it('keeps everything when nothing smaller fails', async () => {
    expect(await shrinkFaults(NUMBERS, async () => false, 1_000)).toEqual(NUMBERS);
  });
});

describe('closeGaps', () => {
  const whole = planFaults({ seed: '7', durationMs: 600_000, replicas: 2 });

  it('keeps the faults of a round as far apart as they were, and every round in its order', () => {
    const faults = whole.filter(({ round }) => round % 4 === 1);
    const { plan, durationMs } = closeGaps(faults);
    expect(plan.map(({ id }) => id)).toEqual(faults.map(({ id }) => id));
    const distances = (list: typeof whole) =>
      list.flatMap((fault, index) => {
        const next = list[index + 1];
        return next?.round === fault.round ? [next.startMs - fault.startMs] : [];
      });
    expect(distances([...plan])).toEqual(distances(faults));
    expect(durationMs).toBeLessThan(600_000 / 2);
  });

  it('leaves a calm after every round', () => {
    const { plan, durationMs } = closeGaps(whole);
    const ends = new Map<number, number>();
    for (const { round, startMs, durationMs: length } of plan) {
      ends.set(round, Math.max(ends.get(round) ?? 0, startMs + length));
      const before = ends.get(round - 1);
      if (before !== undefined) expect(startMs).toBeGreaterThanOrEqual(before + 13_000);
    }
    expect(durationMs).toBeGreaterThanOrEqual(Math.max(...ends.values()) + 13_000);
  });
});
