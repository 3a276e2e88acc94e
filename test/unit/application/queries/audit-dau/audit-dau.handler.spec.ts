import { beforeEach, describe, expect, it } from '@jest/globals';
import { AuditDauHandler } from '../../../../../src/application/queries/audit-dau/audit-dau.handler.js';
import {
  AuditDauQuery,
  type DauAudit,
} from '../../../../../src/application/queries/audit-dau/audit-dau.query.js';
import { earlier, eventLog, NOW, TODAY, YESTERDAY, storedStats } from '../../../../support/builders.js';
import { InMemoryDailyActiveStats } from '../../../../support/contracts/daily-active-stats-repository/fake.js';
import { InMemoryEventLog } from '../../../../support/contracts/event-log-repository/fake.js';
import { InMemoryRealtimeDau } from '../../../../support/contracts/realtime-dau-repository/fake.js';

const NOON_YESTERDAY = new Date('2025-01-14T12:00:00+08:00');
/** 01:00 of today, at which yesterday's stats are final. */
const FINAL = NOW;

let log: InMemoryEventLog;
let realtimeDau: InMemoryRealtimeDau;

beforeEach(async () => {
  log = new InMemoryEventLog();
  realtimeDau = new InMemoryRealtimeDau();
  await log.batchInsert([
    eventLog({ at: NOON_YESTERDAY, userId: '1', properties: { province: '广东', city: '深圳' } }),
    eventLog({ at: NOON_YESTERDAY, userId: '1', properties: { province: '广东', city: '广州' } }),
    eventLog({ at: NOON_YESTERDAY, userId: '2', properties: { province: '广东' } }),
    eventLog({ at: NOON_YESTERDAY, installId: '00000003' }),
  ]);
  await realtimeDau.add(YESTERDAY, ['u:1', 'u:2', 'i:00000003']);
});

/** Returns the stats that a correct calculation of yesterday stores. */
function rightStats(overrides: Parameters<typeof storedStats>[0] = {}): InMemoryDailyActiveStats {
  return new InMemoryDailyActiveStats(
    storedStats({
      day: YESTERDAY,
      dauCount: 3,
      dauByProvince: new Map([['广东', 2]]),
      dauByCity: new Map([
        ['深圳', 1],
        ['广州', 1],
      ]),
      calculatedAt: FINAL,
      ...overrides,
    }),
  );
}

function audit(stats = rightStats(), day = YESTERDAY): Promise<DauAudit> {
  return new AuditDauHandler(log, log.actives, stats, realtimeDau).execute(new AuditDauQuery(day));
}

describe('AuditDauHandler', () => {
  it('finds no drift when all figures agree', async () => {
    expect(await audit()).toEqual({
      day: YESTERDAY,
      log: 3,
      activeSet: 3,
      stored: 3,
      realtime: 3,
      drift: [],
    });
  });

  it('finds no drift on a day without actives', async () => {
    expect(await audit(undefined, '2025-01-10')).toMatchObject({
      log: 0,
      activeSet: 0,
      stored: null,
      drift: [],
    });
  });

  describe('finds drift', () => {
    it('when the active set has an identity that the log lacks', async () => {
      log.actives.add(YESTERDAY, 'u:4', { city: '北京' });
      const { drift } = await audit();
      expect(drift).toEqual([
        'active set says 4 in all, the log 3',
        'active set says 1 in city "北京", the log 0',
      ]);
    });

    it('when the stored total is wrong', async () => {
      expect((await audit(rightStats({ dauCount: 2 }))).drift).toEqual([
        'stored stats says 2 in all, the log 3',
      ]);
    });

    it('trap 2: when a place is wrong and the total is right', async () => {
      const stats = rightStats({ dauByProvince: new Map([['广东', 3]]) });
      expect((await audit(stats)).drift).toEqual(['stored stats says 3 in province "广东", the log 2']);
    });

    it('when a place is missing', async () => {
      const stats = rightStats({ dauByCity: new Map([['深圳', 1]]) });
      expect((await audit(stats)).drift).toEqual(['stored stats says 0 in city "广州", the log 1']);
    });

    it('trap 5: when the live DAU is outside the tolerance of an estimate', async () => {
      await realtimeDau.add(YESTERDAY, ['u:4', 'u:5', 'u:6', 'u:7']);
      expect((await audit()).drift).toEqual(['live DAU says 7, the log 3: more than 3 apart']);
    });
  });

  describe('finds no drift', () => {
    it('in a live DAU within the tolerance of an estimate', async () => {
      await realtimeDau.add(YESTERDAY, ['u:4', 'u:5', 'u:6']);
      expect(await audit()).toMatchObject({ realtime: 6, drift: [] });
    });

    it('in stats of a day that is marked as stale', async () => {
      log.actives.mark(YESTERDAY);
      expect(await audit(rightStats({ dauCount: 2 }))).toMatchObject({ stored: 2, drift: [] });
    });

    it('in provisional stats from before 01:00 of the next day', async () => {
      const provisional = rightStats({ dauCount: 2, calculatedAt: earlier(FINAL, 1) });
      expect(await audit(provisional)).toMatchObject({ stored: 2, drift: [] });
    });

    it('in today’s stats of the last full hour', async () => {
      await log.batchInsert([eventLog({ at: NOW, userId: '1' })]);
      const stats = new InMemoryDailyActiveStats(storedStats({ day: TODAY, dauCount: 0, calculatedAt: NOW }));
      expect(await audit(stats, TODAY)).toMatchObject({ log: 1, stored: 0, drift: [] });
    });
  });

  describe('of a day of which retention has dropped', () => {
    it('the log: compares the active set with the stored figures and finds no drift', async () => {
      log.dropped.add(YESTERDAY);
      log.logs.length = 0;
      expect(await audit()).toEqual({
        day: YESTERDAY,
        log: null,
        activeSet: 3,
        stored: 3,
        realtime: 3,
        drift: [],
      });
      expect((await audit(rightStats({ dauCount: 4 }))).drift).toEqual([
        'stored stats says 4 in all, the active set 3',
      ]);
    });

    it('the log: looks past what came later', async () => {
      log.dropped.add(YESTERDAY);
      log.logs.splice(1);
      expect(await audit()).toMatchObject({ log: null, drift: [] });
    });

    it('the active set: compares the log with the stored figures', async () => {
      log.actives.dropped.add(YESTERDAY);
      expect(await audit()).toMatchObject({ log: 3, activeSet: null, stored: 3, drift: [] });
      expect((await audit(rightStats({ dauCount: 2 }))).drift).toEqual([
        'stored stats says 2 in all, the log 3',
      ]);
    });

    it('both: has nothing to compare and finds no drift', async () => {
      log.dropped.add(YESTERDAY);
      log.actives.dropped.add(YESTERDAY);
      log.logs.length = 0;
      expect(await audit(rightStats({ dauCount: 99 }))).toMatchObject({
        log: null,
        activeSet: null,
        stored: 99,
        drift: [],
      });
    });
  });

  it('returns no live figure for a day that is too old', async () => {
    realtimeDau.days.clear();
    expect(await audit()).toMatchObject({ realtime: null, drift: [] });
  });

  it('continues without the live figure when Redis is unavailable', async () => {
    realtimeDau.failure = new Error('away');
    expect(await audit()).toMatchObject({ realtime: null, drift: [] });
  });

  it('fails when the log cannot be read', async () => {
    log.failure = new Error('away');
    await expect(audit()).rejects.toThrow('away');
  });
});
