import { describe, expect, it } from '@jest/globals';
import { ALL_KINDS, hitsOneReplica, kindsOn, rulesOf } from '../../../../tools/chaos/plan/fault-kinds.js';
import { ALL_STORES } from '../../../../tools/chaos/plan/stores.js';
import { planFaults, type PlannedFault } from '../../../../tools/chaos/plan/fault-plan.js';

const TEN_MINUTES = { seed: '7', durationMs: 600_000, replicas: 2 };

function endOf({ startMs, durationMs }: PlannedFault): number {
  return startMs + durationMs;
}

describe('planFaults', () => {
  it('returns the same plan for the same seed and another one for another seed', () => {
    expect(planFaults(TEN_MINUTES)).toEqual(planFaults(TEN_MINUTES));
    expect(planFaults({ ...TEN_MINUTES, seed: '8' })).not.toEqual(planFaults(TEN_MINUTES));
  });

  it('leaves a calm of more than ten seconds between two rounds and at the end', () => {
    const plan = planFaults(TEN_MINUTES);
    for (const fault of plan) {
      expect(endOf(fault) + 10_000).toBeLessThan(TEN_MINUTES.durationMs);
      const next = plan.filter(({ round }) => round === fault.round + 1);
      for (const { startMs } of next) expect(startMs).toBeGreaterThan(endOf(fault) + 10_000);
    }
  });

  it('uses every kind before it repeats one', () => {
    const stores = ['standby', 'kafka'] as const;
    const plan = planFaults({ ...TEN_MINUTES, durationMs: 3_600_000, stores });
    const kinds = kindsOn(stores);
    const first = plan.slice(0, kinds.length).map(({ kind }) => kind);
    expect(new Set(first)).toEqual(new Set(kinds));
  });

  it('has every kind on some variant of the stores, and none that the variant lacks', () => {
    const plain = kindsOn([]);
    const all = kindsOn(ALL_STORES);
    expect(new Set([...plain, ...all])).toEqual(new Set(ALL_KINDS));
    expect(plain).not.toContain('postgres.promote');
    expect(all).not.toContain('redis.read-only');
  });

  it.each([1, 2, 3])('ends a rolling upgrade with this release on each of %i replicas', (replicas) => {
    const stores = ['release'] as const;
    const seeds = Array.from({ length: 20 }, (_, seed) => String(seed));
    for (const seed of seeds) {
      const plan = planFaults({ seed, durationMs: 300_000, replicas, stores });
      const upgrades = plan.filter(({ kind }) => kind === 'replica.upgrade');
      for (let replica = 0; replica < replicas; replica++)
        expect(upgrades.filter((fault) => fault.replica === replica).length % 2).toBe(1);
      expect(Math.max(...plan.map(endOf))).toBeLessThan(300_000);
    }
  });

  it('hits the links to a cluster for all replicas at once', () => {
    const plan = planFaults({
      ...TEN_MINUTES,
      stores: ['cluster'],
      kinds: ['redis-link.cut', 'kafka-link.cut'],
    });
    for (const { kind, replica } of plan) expect(replica === undefined).toBe(kind === 'redis-link.cut');
  });

  it('gives several faults to some rounds, each on a part of its own', () => {
    const plan = planFaults({ ...TEN_MINUTES, durationMs: 3_600_000 });
    const rounds = new Map<number, string[]>();
    for (const { round, kind, replica } of plan) {
      const part = `${rulesOf(kind).target} ${hitsOneReplica(kind) ? String(replica) : ''}`;
      rounds.set(round, [...(rounds.get(round) ?? []), part]);
    }
    expect([...rounds.values()].some((parts) => parts.length > 1)).toBe(true);
    for (const parts of rounds.values()) expect(new Set(parts).size).toBe(parts.length);
  });

  it.each([2, 3])(
    'plans 14 faults a minute and every kind when %i replicas may have many at once',
    (replicas) => {
      const stores = ALL_STORES;
      const plan = planFaults({ ...TEN_MINUTES, replicas, durationMs: 3_600_000, stores, atOnce: 20 });
      expect(plan.length).toBeGreaterThan(14 * 60);
      expect(new Set(plan.map(({ kind }) => kind))).toEqual(new Set(kindsOn(stores)));
      for (const fault of plan) {
        const others = plan.filter(({ round, id }) => round === fault.round && id !== fault.id);
        expect(
          others.filter(({ kind, replica }) => kind === fault.kind && replica === fault.replica),
        ).toEqual([]);
      }
    },
  );

  it('plans nothing but the kinds that are asked for', () => {
    const plan = planFaults({ ...TEN_MINUTES, kinds: ['redis.freeze', 'replica.kill'] });
    expect(new Set(plan.map(({ kind }) => kind))).toEqual(new Set(['redis.freeze', 'replica.kill']));
  });
});
