import { describe, expect, it } from '@jest/globals';
import { elsewhere, PROVINCES, somewhere } from '../../../../tools/simulation/places.js';
import {
  planDevice,
  SESSION_START,
  type PlanContext,
  type Trait,
} from '../../../../tools/simulation/plan.js';
import { Random } from '../../../../tools/simulation/random.js';
import { batchBody, heartbeatBody } from '../../../../tools/simulation/wire.js';

const CONTEXT: PlanContext = { seed: '1', runId: 'plan', durationMs: 60_000, speed: 4, loss: 0.06 };
const STARTED_AT_MS = Date.parse('2025-03-10T12:00:00Z');

const crowd = Array.from({ length: 2_000 }, (_, index) => planDevice(CONTEXT, index));
const batches = crowd.flatMap((device) => device.batches.map((batch) => ({ device, batch })));
const events = batches.flatMap(({ batch }) => batch.events);

function usersOf(index: number): Set<string> {
  return new Set(crowd[index]!.batches.flatMap(({ userId }) => userId ?? []));
}

interface Body {
  readonly sentAt?: number;
  readonly events: readonly Record<string, unknown>[];
}

function bodyOf(entry: (typeof batches)[number], nowMs = STARTED_AT_MS + 60_000): Body {
  return JSON.parse(batchBody(entry.device, entry.batch, STARTED_AT_MS, nowMs)) as Body;
}

describe('a plan', () => {
  it('is the same for the same seed and run, whatever was planned before', () => {
    expect(planDevice(CONTEXT, 1_234)).toEqual(crowd[1_234]);
  });

  it('has other installs, users and events in another run, or with another seed', () => {
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

  it('has somebody of every kind among 2,000 devices', () => {
    const traits: Record<Trait, true> = {
      anonymous: true,
      'logged in': true,
      'logs in midway': true,
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
    expect(new Set(events.map(({ spoiled }) => spoiled)).size).toBe(6);
    expect(new Set(crowd.map(({ os }) => os))).toEqual(new Set(['Android', 'iOS', 'HarmonyOS']));
    expect(crowd.filter(({ traits: own }) => own.has('logged in')).length).toBeGreaterThan(1_000);
  });

  it('gives a UUID of its own to every good event', () => {
    const ids = events.flatMap(({ eventId, spoiled }) => (spoiled === undefined ? [eventId ?? ''] : []));
    expect(new Set(ids).size).toBe(ids.length);
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(ids.filter((id) => !uuid.test(id))).toEqual([]);
  });

  it('sends good events in every batch, in their order, after they happened and before the run ends', () => {
    const isSorted = (times: readonly number[]): boolean =>
      times.every((time, index) => time >= (times[index - 1] ?? -Infinity));
    const odd = batches.filter(({ batch }) => {
      const times = batch.events.flatMap(({ atMs, spoiled }) => (spoiled === undefined ? [atMs] : []));
      const isDueInTime = batch.dueMs >= (times.at(-1) ?? Infinity) && batch.dueMs >= 0;
      return !isSorted(times) || times.length > 200 || !isDueInTime || batch.dueMs > CONTEXT.durationMs;
    });
    expect(odd).toEqual([]);
    const unordered = crowd.filter((device) => !isSorted(device.batches.map(({ dueMs }) => dueMs)));
    expect(unordered).toEqual([]);
  });

  it('lingers no longer than an SDK does, save offline', () => {
    const late = batches.filter(({ device, batch }) => {
      const firstMs = Math.min(...batch.events.map(({ atMs }) => atMs));
      const mayWait = device.traits.has('goes offline') || firstMs < 0;
      return !mayWait && batch.dueMs - firstMs > 10_000 / CONTEXT.speed + 1e-6;
    });
    expect(late).toEqual([]);
  });

  it('beats every 60 s of foreground time, for users in the foreground only', () => {
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

  it('lets one install be anonymous first and a user then', () => {
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

  it('shows every traveller in two cities', () => {
    for (const device of crowd.filter(({ traits }) => traits.has('travels'))) {
      const starts = device.batches.flatMap((batch) =>
        batch.events.filter(({ name }) => name === SESSION_START),
      );
      expect(new Set(starts.map(({ place }) => place?.city)).size).toBe(2);
    }
  });

  it('holds minutes of the past in the offline queues', () => {
    const queued = crowd.filter(({ traits }) => traits.has('brings an offline queue'));
    for (const { batches: own } of queued) {
      const times = own[0]!.events.map(({ atMs }) => atMs);
      expect(Math.min(...times)).toBeLessThan(-600_000 + 1);
      expect(Math.min(...times)).toBeGreaterThanOrEqual(-1_800_000);
    }
  });

  it('has ids beyond what a double holds, within 63 bits', () => {
    const ids = crowd.flatMap(({ index }) => [...usersOf(index)]).map(BigInt);
    expect(ids.some((id) => id > BigInt(Number.MAX_SAFE_INTEGER))).toBe(true);
    expect(ids.every((id) => id > 0n && id < 2n ** 63n)).toBe(true);
  });
});

describe('what a device writes', () => {
  it('names the user by token, by id, by both, or not at all', () => {
    const odd = batches.filter((entry) => {
      const { credentials, userId, events: planned } = entry.batch;
      const isNamed = credentials === 'id' || credentials === 'token and id';
      const good = planned.findIndex(({ spoiled }) => spoiled === undefined);
      const named = bodyOf(entry).events[good]!['userId'];
      return named !== (isNamed ? userId : undefined) || (credentials === 'none') !== (userId === undefined);
    });
    expect(odd).toEqual([]);
    expect(new Set(batches.map(({ batch }) => batch.credentials)).size).toBe(4);
  });

  it('tells the time of a wrong clock, and with every attempt what that clock shows at the moment', () => {
    const entry = batches.find(({ device }) => device.traits.has('clock wrong by hours'))!;
    const { clockErrorMs } = entry.device;
    expect(Math.abs(clockErrorMs)).toBeGreaterThan(3_600_000);
    const [early, late] = [bodyOf(entry, STARTED_AT_MS), bodyOf(entry, STARTED_AT_MS + 1_500)];
    expect(early.sentAt).toBeCloseTo((STARTED_AT_MS + clockErrorMs) / 1000, 3);
    expect(late.sentAt! - early.sentAt!).toBeCloseTo(1.5, 3);
    expect(late.events).toEqual(early.events);
    const trueSeconds = (STARTED_AT_MS + entry.batch.events[0]!.atMs) / 1000;
    expect(early.events[0]!['clientTs']).toBeCloseTo(trueSeconds + clockErrorMs / 1000, 2);
    const heartbeat = JSON.parse(heartbeatBody(entry.device, STARTED_AT_MS)) as { clientTs: number };
    expect(heartbeat.clientTs).toBeCloseTo((STARTED_AT_MS + clockErrorMs) / 1000, 3);
  });

  it('spoils an event in the planned way and leaves its neighbours alone', () => {
    const odd = batches.filter((entry) =>
      bodyOf(entry).events.some((body, index) => {
        const faults = {
          'no install id': body['installId'] === undefined,
          'short install id': body['installId'] === 'short',
          'spaces in the name': String(body['eventName']).includes(' '),
          'timestamp in words': typeof body['clientTs'] !== 'number',
          'user id in letters': body['userId'] === 'nobody',
        };
        const found = Object.entries(faults).flatMap(([name, is]) => (is ? [name] : []));
        return found.join() !== (entry.batch.events[index]!.spoiled ?? '');
      }),
    );
    expect(odd).toEqual([]);
  });
});

describe('the places', () => {
  it('are the 34 provinces and at least 60 cities, each city in one province only', () => {
    expect(PROVINCES).toHaveLength(34);
    const cities = PROVINCES.flatMap((province) => province.cities.map(({ name }) => name));
    expect(cities.length).toBeGreaterThanOrEqual(60);
    expect(new Set(cities).size).toBe(cities.length);
  });

  it('are chosen by population', () => {
    const random = Random.from('places');
    const drawn = Array.from({ length: 20_000 }, () => somewhere(random).province);
    const share = (name: string): number =>
      drawn.filter((province) => province === name).length / drawn.length;
    expect(share('广东省')).toBeCloseTo(0.089, 1);
    expect(share('广东省')).toBeGreaterThan(share('澳门特别行政区') * 20);
  });

  it('are left for another city', () => {
    const random = Random.from('travel');
    for (let draw = 0; draw < 200; draw += 1) {
      const home = somewhere(random);
      expect(elsewhere(random, home).city).not.toBe(home.city);
    }
  });
});

describe('the random numbers', () => {
  it('follow from the labels alone', () => {
    const draw = (...labels: (string | number)[]): number[] => {
      const random = Random.from(...labels);
      return Array.from({ length: 5 }, () => random.uint32());
    };
    expect(draw('a', 1)).toEqual(draw('a', 1));
    expect(draw('a', 1)).not.toEqual(draw('a', '1'));
    expect(draw('a', 1)).not.toEqual(draw('a1'));
  });

  it('fill their ranges evenly', () => {
    const random = Random.from('even');
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 100_000; draw += 1) tenths[random.integer(0, 9)]! += 1;
    for (const hits of tenths) expect(Math.abs(hits - 10_000)).toBeLessThan(500);
    const values = Array.from({ length: 20_001 }, () => random.logNormal(150, 0.8)).sort((a, b) => a - b);
    expect(Math.abs(values[10_000]! - 150)).toBeLessThan(6);
    const mean = Array.from({ length: 20_000 }, () => random.exponential(8)).reduce((a, b) => a + b) / 20_000;
    expect(Math.abs(mean - 8)).toBeLessThan(0.4);
  });
});
