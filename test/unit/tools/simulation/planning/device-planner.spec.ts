import { describe, expect, it } from '@jest/globals';
import {
  SESSION_START,
  type PlanContext,
  type Trait,
} from '../../../../../tools/simulation/planning/device-plan.js';
import { planDevice } from '../../../../../tools/simulation/planning/device-planner.js';
import { batches, CONTEXT, crowd } from '../planned-crowd.js';

const events = batches.flatMap(({ batch }) => batch.events);

function usersOf(index: number): Set<string> {
  return new Set(crowd[index]!.batches.flatMap(({ userId }) => userId ?? []));
}

describe('planDevice', () => {
  it('returns the same plan for the same seed and run, whatever was planned before', () => {
    expect(planDevice(CONTEXT, 1_234)).toEqual(crowd[1_234]);
  });

  it('returns other installs, users and events for another run or seed', () => {
    const identities = (context: PlanContext): string[] => {
      const { installId, batches: planned } = planDevice(context, 3);
      return [
        installId,
        ...planned.flatMap(({ userId }) => userId ?? []),
        ...planned.flatMap((batch) => batch.events.flatMap(({ eventId }) => eventId ?? [])),
      ];
    };
    const all = [CONTEXT, { ...CONTEXT, runId: 'next' }, { ...CONTEXT, seed: '2' }].map(
      (context) => new Set(identities(context)),
    );
    const size = all.reduce((sum, set) => sum + set.size, 0);
    expect(new Set(all.flatMap((set) => [...set])).size).toBe(size);
  });

  it('covers every trait and every defect among 2,000 devices', () => {
    const traits: Record<Trait, true> = {
      anonymous: true,
      'logged in': true,
      'logs in midway': true,
      'switches accounts': true,
      'shares its user with a second device': true,
      travels: true,
      'names no province': true,
      'names no city': true,
      'brings an offline queue': true,
      'goes offline': true,
      'clock wrong by hours': true,
      'clock off by up to 2 min': true,
      'compresses its batches': true,
    };
    const seen = new Set(crowd.flatMap((device) => [...device.traits]));
    expect([...seen].sort()).toEqual(Object.keys(traits).sort());
    expect(new Set(events.map(({ defect }) => defect)).size).toBe(6);
    expect(new Set(crowd.map(({ os }) => os))).toEqual(new Set(['Android', 'iOS', 'HarmonyOS']));
    expect(crowd.filter(({ traits: own }) => own.has('logged in')).length).toBeGreaterThan(1_000);
  });

  it('gives every good event its own UUID', () => {
    const ids = events.flatMap(({ eventId, defect }) => (defect === undefined ? [eventId ?? ''] : []));
    expect(new Set(ids).size).toBe(ids.length);
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(ids.filter((id) => !uuid.test(id))).toEqual([]);
  });

  it('makes batches due in order, after their events and before the run ends', () => {
    const isSorted = (times: readonly number[]): boolean =>
      times.every((time, index) => time >= (times[index - 1] ?? -Infinity));
    const odd = batches.filter(({ batch }) => {
      const times = batch.events.flatMap(({ atMs, defect }) => (defect === undefined ? [atMs] : []));
      const isDueInTime = batch.dueMs >= (times.at(-1) ?? Infinity) && batch.dueMs >= 0;
      return !isSorted(times) || times.length > 200 || !isDueInTime || batch.dueMs > CONTEXT.durationMs;
    });
    expect(odd).toEqual([]);
    const unordered = crowd.filter((device) => !isSorted(device.batches.map(({ dueMs }) => dueMs)));
    expect(unordered).toEqual([]);
  });

  it('makes a batch due within the linger of its first event unless offline', () => {
    const late = batches.filter(({ device, batch }) => {
      const firstMs = Math.min(...batch.events.map(({ atMs }) => atMs));
      const mayWait = device.traits.has('goes offline') || firstMs < 0;
      return !mayWait && batch.dueMs - firstMs > 10_000 / CONTEXT.speed + 1e-6;
    });
    expect(late).toEqual([]);
  });

  it('plans a heartbeat every 60 s while a user is in the foreground', () => {
    const odd = crowd.flatMap(({ foreground, heartbeats }) =>
      heartbeats.filter(({ dueMs }, index) => {
        const session = foreground.find(({ startMs, endMs }) => startMs <= dueMs && dueMs < endMs);
        const nextMs = heartbeats[index + 1]?.dueMs ?? Infinity;
        return session === undefined || (nextMs < session.endMs && nextMs - dueMs < 15_000 - 1e-6);
      }),
    );
    expect(odd).toEqual([]);
    const anonymous = crowd.filter(({ traits }) => traits.has('anonymous'));
    expect(anonymous.flatMap(({ heartbeats }) => heartbeats)).toEqual([]);
    expect(crowd.some(({ heartbeats }) => heartbeats.length > 1)).toBe(true);
  });

  it('switches an install from anonymous to a user after a login midway', () => {
    const switching = crowd.filter(({ traits }) => traits.has('logs in midway'));
    const both = switching.filter(({ batches: own }) => {
      const first = own.findIndex(({ userId }) => userId !== undefined);
      return first > 0 && own.slice(first).every(({ userId }) => userId !== undefined);
    });
    expect(both.length).toBeGreaterThan(switching.length * 0.9);
    const opensAsUser = both.filter(({ batches: own }) =>
      own.some(
        (batch) => batch.userId !== undefined && batch.events.some(({ name }) => name === SESSION_START),
      ),
    );
    expect(opensAsUser.length).toBeGreaterThan(both.length / 2);
  });

  it('gives some devices a second account from a later session on', () => {
    const switching = crowd.filter(({ traits }) => traits.has('switches accounts'));
    expect(switching.length).toBeGreaterThan(20);
    for (const { index, batches: own } of switching) {
      const users = own.flatMap(({ userId }) => userId ?? []);
      expect(usersOf(index).size).toBe(2);
      // Once the second account is in use, the first one does not come back.
      expect(users.lastIndexOf(users[0]!)).toBeLessThan(users.indexOf(users.at(-1)!));
    }
  });

  it('gives some users two devices', () => {
    const shared = crowd.filter(
      ({ index, traits }) => index % 2 === 0 && traits.has('shares its user with a second device'),
    );
    expect(shared.length).toBeGreaterThan(60);
    for (const { index } of shared) {
      expect(usersOf(index).size).toBe(1);
      expect(usersOf(index + 1)).toEqual(usersOf(index));
    }
  });

  it('places every traveller in two cities', () => {
    for (const device of crowd.filter(({ traits }) => traits.has('travels'))) {
      const starts = device.batches.flatMap((batch) =>
        batch.events.filter(({ name }) => name === SESSION_START),
      );
      expect(new Set(starts.map(({ place }) => place?.city)).size).toBe(2);
    }
  });

  it('fills offline queues with events of the last 10 to 30 minutes', () => {
    const queued = crowd.filter(({ traits }) => traits.has('brings an offline queue'));
    for (const { batches: own } of queued) {
      const times = own[0]!.events.map(({ atMs }) => atMs);
      expect(Math.min(...times)).toBeLessThan(-600_000 + 1);
      expect(Math.min(...times)).toBeGreaterThanOrEqual(-1_800_000);
    }
  });

  it('uses user ids that exceed a double and fit into 63 bits', () => {
    const ids = crowd.flatMap(({ index }) => [...usersOf(index)]).map(BigInt);
    expect(ids.some((id) => id > BigInt(Number.MAX_SAFE_INTEGER))).toBe(true);
    expect(ids.every((id) => id > 0n && id < 2n ** 63n)).toBe(true);
  });
});
