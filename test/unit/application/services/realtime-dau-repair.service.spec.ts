import { setImmediate as nextTurn } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { RealtimeDauRepair } from '../../../../src/application/services/realtime-dau-repair.service.js';
import { StaleDays } from '../../../../src/application/services/stale-days.service.js';
import { addDaysToKey } from '../../../../src/shared/utils/timezone.util.js';
import { TODAY, YESTERDAY } from '../../../support/builders.js';
import { FixedClock } from '../../../support/contracts/clock/fake.js';
import { InMemoryDailyActives } from '../../../support/contracts/daily-actives-repository/fake.js';
import { InMemoryRealtimeDau } from '../../../support/contracts/realtime-dau-repository/fake.js';
import { deferred } from '../../../support/deferred.js';

Logger.overrideLogger(false);

const AWAY = new Error('redis is away');

let realtimeDau: InMemoryRealtimeDau;
let actives: InMemoryDailyActives;
let repair: RealtimeDauRepair;

beforeEach(() => {
  realtimeDau = new InMemoryRealtimeDau();
  actives = new InMemoryDailyActives();
  start();
});

/** Starts a process that knows nothing of the one before. */
function start(): void {
  repair = new RealtimeDauRepair(realtimeDau, actives, new StaleDays(new FixedClock()));
}

async function compareAndRebuild(): Promise<void> {
  await repair.compare();
  await repair.rebuildStale();
}

describe('compare, of past days', () => {
  const past = Array.from({ length: 8 }, (_, back) => addDaysToKey(TODAY, -back));

  beforeEach(() => {
    for (const day of past) for (let n = 0; n < 20; n++) actives.add(day, `u:${n}`);
  });

  it('finds every day that Redis has lost, wholly or in part, also after a restart', async () => {
    await realtimeDau.add(YESTERDAY, ['u:1']);
    start();
    await compareAndRebuild();
    for (const day of past) expect(await realtimeDau.count(day)).toBe(20);
  });

  it('leaves days without a live figure alone', async () => {
    actives.add(addDaysToKey(TODAY, -8), 'u:1');
    await compareAndRebuild();
    expect([...realtimeDau.days.keys()].sort()).toEqual([...past].sort());
  });

  it('reads no active set while every day is complete', async () => {
    await compareAndRebuild();
    const read = actives.pages.length;
    for (let minute = 0; minute < 3; minute++) await compareAndRebuild();
    expect(actives.pages).toHaveLength(read);
  });

  it('starts a rebuild again that a restart has interrupted', async () => {
    for (let n = 0; n < 20_000; n++) actives.add(YESTERDAY, `u:${n}`);
    await repair.compare([YESTERDAY]);
    await repair.beforeApplicationShutdown();
    await repair.rebuildStale();
    expect(await realtimeDau.count(YESTERDAY)).toBe(10_000);
    start();
    await compareAndRebuild();
    expect(await realtimeDau.count(YESTERDAY)).toBe(20_000);
  });

  it('does not rebuild again and again a day whose complete estimate is unlucky', async () => {
    const count = realtimeDau.count.bind(realtimeDau);
    realtimeDau.count = async (day) => Math.floor((await count(day)) * 0.5);
    await compareAndRebuild();
    const read = actives.pages.length;
    await compareAndRebuild();
    expect(actives.pages).toHaveLength(read);
    realtimeDau.days.delete(YESTERDAY);
    await compareAndRebuild();
    expect(realtimeDau.days.get(YESTERDAY)?.size).toBe(20);
  });
});

describe('verify', () => {
  beforeEach(() => {
    for (let n = 0; n < 20; n++) actives.add(TODAY, `u:${n}`);
  });

  it('rebuilds today once after a start, and then once after each new connection', async () => {
    expect(repair.isVerified).toBe(false);
    await Promise.all([repair.verify(), repair.verify()]);
    expect(repair.isVerified).toBe(true);
    expect(await realtimeDau.count(TODAY)).toBe(20);
    expect(actives.pages).toEqual([20]);

    realtimeDau.days.clear();
    realtimeDau.connection++;
    expect(repair.isVerified).toBe(false);
    await repair.verify();
    expect([repair.isVerified, await realtimeDau.count(TODAY)]).toEqual([true, 20]);
  });

  it('reads no active set when today is complete', async () => {
    await realtimeDau.add(
      TODAY,
      Array.from({ length: 20 }, (_, n) => `u:${n}`),
    );
    await repair.verify();
    expect([repair.isVerified, actives.pages]).toEqual([true, []]);
  });

  it.each([
    ['the live DAU', () => realtimeDau],
    ['the active set', () => actives],
  ])('fails and verifies nothing while %s is unavailable', async (_, failing) => {
    failing().failure = AWAY;
    await expect(repair.verify()).rejects.toEqual(AWAY);
    expect(repair.isVerified).toBe(false);
    failing().failure = null;
    await repair.verify();
    expect(repair.isVerified).toBe(true);
  });

  it('verifies nothing when the connection is lost again meanwhile', async () => {
    const reading = deferred<string[]>();
    actives.listIdentities = () => reading.promise;
    const verified = repair.verify();
    await nextTurn();
    realtimeDau.connection++;
    reading.resolve(['u:1']);
    await verified;
    expect(repair.isVerified).toBe(false);
  });
});
