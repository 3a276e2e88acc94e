import { setImmediate as nextTurn } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { RealtimeDauRepair } from '../../../../src/application/services/realtime-dau-repair.service.js';
import { RealtimeDauService } from '../../../../src/application/services/realtime-dau.service.js';
import { StaleDays } from '../../../../src/application/services/stale-days.service.js';
import { realtimeDauFailuresTotal } from '../../../../src/shared/metrics/metrics.js';
import { addDaysToKey } from '../../../../src/shared/utils/timezone.util.js';
import {
  DAY_MS,
  earlier,
  eventLog,
  INSTALL,
  later,
  MINUTE_MS,
  NOW,
  TODAY,
  YESTERDAY,
} from '../../../support/builders.js';
import { FixedClock } from '../../../support/contracts/clock/fake.js';
import { InMemoryDailyActives } from '../../../support/contracts/daily-actives-repository/fake.js';
import { InMemoryRealtimeDau } from '../../../support/contracts/realtime-dau-repository/fake.js';
import { deferred } from '../../../support/deferred.js';

Logger.overrideLogger(false);

const AWAY = new Error('redis is away');

let clock: FixedClock;
let realtimeDau: InMemoryRealtimeDau;
let actives: InMemoryDailyActives;
let service: RealtimeDauService;
let repair: RealtimeDauRepair;

beforeEach(() => {
  clock = new FixedClock();
  realtimeDau = new InMemoryRealtimeDau();
  actives = new InMemoryDailyActives();
  start();
});

/** Starts a process that knows nothing of the one before. */
function start(live: InMemoryRealtimeDau = realtimeDau): void {
  const staleDays = new StaleDays(clock);
  service = new RealtimeDauService(live, staleDays);
  repair = new RealtimeDauRepair(live, actives, staleDays);
}

function identities(day: string): string[] {
  return [...(realtimeDau.days.get(day) ?? [])].sort();
}

/** Makes a day stale by a failed addition. */
async function missAddition(at: Date = NOW): Promise<void> {
  realtimeDau.failure = AWAY;
  await service.record([eventLog({ at })]);
  realtimeDau.failure = null;
}

describe('record', () => {
  it('trap 5: adds a late event to its own day and not to the server’s', async () => {
    await service.record([eventLog({ at: earlier(NOW, 2 * DAY_MS) })]);
    expect(identities('2025-01-13')).toEqual([`i:${INSTALL}`]);
    expect(identities(TODAY)).toEqual([]);
  });

  it('trap 1: adds an event to its day in Shanghai', async () => {
    const midnight = new Date('2025-01-15T00:00:00+08:00');
    await service.record([
      eventLog({ at: midnight, installId: 'after-it' }),
      eventLog({ at: earlier(midnight, 1), installId: 'before-it' }),
    ]);
    expect([identities(TODAY), identities(YESTERDAY)]).toEqual([['i:after-it'], ['i:before-it']]);
  });

  it('adds an event from a device slightly ahead to tomorrow', async () => {
    clock.set(new Date('2025-01-15T23:59:00+08:00'));
    await service.record([eventLog({ at: later(clock.now(), 5 * MINUTE_MS) })]);
    expect(identities('2025-01-16')).toEqual([`i:${INSTALL}`]);
  });

  it('adds sessions and no other events', async () => {
    await service.record([eventLog({ eventName: 'page_view' }), eventLog({ eventName: 'app_session_end' })]);
    expect(realtimeDau.days.size).toBe(0);
  });

  it('adds each identity once and keeps users and installs apart', async () => {
    await service.record([
      eventLog({ userId: '42' }),
      eventLog({ userId: '42', installId: 'another-phone' }),
      eventLog({ installId: '00000042' }),
    ]);
    expect(identities(TODAY)).toEqual(['i:00000042', 'u:42']);
  });

  it('skips days that are too old to have a live figure', async () => {
    await service.record([
      eventLog({ at: earlier(NOW, 7 * DAY_MS), installId: 'a-week-old' }),
      eventLog({ at: earlier(NOW, 8 * DAY_MS), installId: 'too-old-now' }),
    ]);
    expect([...realtimeDau.days.keys()]).toEqual([addDaysToKey(TODAY, -7)]);
  });

  it('does not throw when Redis is unavailable', async () => {
    realtimeDau.failure = AWAY;
    await expect(service.record([eventLog()])).resolves.toBeUndefined();
  });

  it('counts failed additions', async () => {
    const failures = async (): Promise<number> =>
      (await realtimeDauFailuresTotal.get()).values[0]?.value ?? 0;
    const before = await failures();
    await missAddition();
    expect(await failures()).toBe(before + 1);
  });
});

describe('rebuildStale', () => {
  it('does nothing without stale days', async () => {
    actives.add(TODAY, 'u:1');
    await repair.rebuildStale();
    expect(realtimeDau.days.size).toBe(0);
  });

  it('restores what a failed addition missed', async () => {
    await missAddition();
    actives.add(TODAY, `i:${INSTALL}`).add(TODAY, 'u:1');
    await repair.rebuildStale();
    expect(identities(TODAY)).toEqual([`i:${INSTALL}`, 'u:1']);
  });

  it('rebuilds the day of the failed addition', async () => {
    await missAddition(earlier(NOW, DAY_MS));
    actives.add(TODAY, 'u:1').add(YESTERDAY, 'u:2');
    await repair.rebuildStale();
    expect([identities(TODAY), identities(YESTERDAY)]).toEqual([[], ['u:2']]);
  });

  it('rebuilds a day once', async () => {
    await missAddition();
    await repair.rebuildStale();
    actives.add(TODAY, 'u:1');
    await repair.rebuildStale();
    expect(identities(TODAY)).toEqual([]);
  });

  it('reads a large day in pages to its end', async () => {
    for (let n = 0; n < 25_000; n++) actives.add(TODAY, `u:${n}`);
    await missAddition();
    await repair.rebuildStale();
    expect(actives.pages).toEqual([10_000, 10_000, 5_000]);
    expect(realtimeDau.days.get(TODAY)?.size).toBe(25_000);
  });

  it('stops after a full last page', async () => {
    for (let n = 0; n < 10_000; n++) actives.add(TODAY, `u:${n}`);
    await missAddition();
    await repair.rebuildStale();
    expect(actives.pages).toEqual([10_000, 0]);
    expect(realtimeDau.days.get(TODAY)?.size).toBe(10_000);
  });

  it.each([
    ['the live DAU', () => realtimeDau],
    ['the active set', () => actives],
  ])('keeps a day stale when %s fails and does not throw', async (_, failing) => {
    actives.add(TODAY, 'u:1');
    await missAddition();
    failing().failure = AWAY;
    await expect(repair.rebuildStale()).resolves.toBeUndefined();

    failing().failure = null;
    await repair.rebuildStale();
    expect(identities(TODAY)).toEqual(['u:1']);
  });

  it('rebuilds the other days when one fails', async () => {
    const halfAway = new (class extends InMemoryRealtimeDau {
      override async add(day: string, ids: readonly string[]): Promise<void> {
        if (day === TODAY) throw AWAY;
        await super.add(day, ids);
      }
    })();
    start(halfAway);
    actives.add(TODAY, 'u:1').add(YESTERDAY, 'u:2');
    repair.markRecentDaysStale();
    await repair.rebuildStale();
    expect([...(halfAway.days.get(YESTERDAY) ?? [])]).toEqual(['u:2']);
  });

  it('marks a day again when an addition fails during its rebuild', async () => {
    await missAddition();
    const reading = deferred<string[]>();
    actives.listIdentities = () => reading.promise;
    const rebuilt = repair.rebuildStale();
    await missAddition();
    reading.resolve(['u:1']);
    await rebuilt;

    actives.listIdentities = () => Promise.resolve(['u:1', 'u:2']);
    await repair.rebuildStale();
    expect(identities(TODAY)).toEqual(['u:1', 'u:2']);
  });

  it('runs once at a time, and a second call waits for the first', async () => {
    await missAddition();
    const reading = deferred<string[]>();
    actives.listIdentities = () => reading.promise;
    const first = repair.rebuildStale();
    let secondEnded = false;
    const second = repair.rebuildStale().then(() => (secondEnded = true));
    await nextTurn();
    expect(secondEnded).toBe(false);
    reading.resolve([]);
    await Promise.all([first, second]);
  });

  it('stops at its next page when the service stops', async () => {
    for (let n = 0; n < 10_001; n++) actives.add(TODAY, `u:${n}`);
    await missAddition();
    await repair.beforeApplicationShutdown();
    await repair.rebuildStale();
    expect(actives.pages).toEqual([10_000]);
  });
});

describe('markRecentDaysStale', () => {
  it('marks today and yesterday as stale', async () => {
    actives.add(TODAY, 'u:1').add(YESTERDAY, 'u:2').add('2025-01-13', 'u:3');
    repair.markRecentDaysStale();
    await repair.rebuildStale();
    expect([...realtimeDau.days.keys()].sort()).toEqual([YESTERDAY, TODAY]);
  });
});

describe('compare', () => {
  it('marks today as stale when Redis has lost data without a failed addition', async () => {
    for (let n = 0; n < 10; n++) actives.add(TODAY, `u:${n}`);
    await repair.compare();
    await repair.rebuildStale();
    expect(await realtimeDau.count(TODAY)).toBe(10);
  });

  it('marks today as stale when another process added to the day', async () => {
    await service.record([eventLog({ userId: '1' })]);
    for (let n = 0; n < 100; n++) actives.add(TODAY, `u:${n}`);
    await repair.compare();
    await repair.rebuildStale();
    expect(await realtimeDau.count(TODAY)).toBe(100);
  });

  it('keeps a figure within the tolerance of an estimate', async () => {
    actives.add(TODAY, 'u:1').add(TODAY, 'u:2');
    await service.record([eventLog({ userId: '1' })]);
    await repair.compare();
    await repair.rebuildStale();
    expect(actives.pages).toEqual([]);
  });
});

describe('follow', () => {
  it('does not wait for a slow Redis and is drained at shutdown', async () => {
    const adding = deferred<undefined>();
    realtimeDau.add = () => adding.promise;
    service.follow([eventLog()]);
    let drained = false;
    const shutdown = service.beforeApplicationShutdown().then(() => (drained = true));
    await nextTurn();
    expect(drained).toBe(false);
    adding.resolve(undefined);
    await shutdown;
  });

  it('marks the day as stale instead of exceeding its bound', async () => {
    const adding = deferred<undefined>();
    const add = realtimeDau.add.bind(realtimeDau);
    realtimeDau.add = () => adding.promise;
    for (let n = 0; n < 501; n++) service.follow([eventLog()]);
    realtimeDau.add = add;
    actives.add(TODAY, 'u:1');
    await repair.rebuildStale();
    expect(identities(TODAY)).toEqual(['u:1']);
    adding.resolve(undefined);
  });
});
