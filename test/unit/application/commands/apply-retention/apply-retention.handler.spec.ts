import { Logger } from '@nestjs/common';
import type { QueryBus } from '@nestjs/cqrs';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  ApplyRetentionCommand,
  type RetentionOptions,
  type RetentionReport,
} from '../../../../../src/application/commands/apply-retention/apply-retention.command.js';
import { ApplyRetentionHandler } from '../../../../../src/application/commands/apply-retention/apply-retention.handler.js';
import { AuditActivesQuery } from '../../../../../src/application/queries/audit-actives/audit-actives.query.js';
import { AuditFirstDaysQuery } from '../../../../../src/application/queries/audit-first-days/audit-first-days.query.js';
import { AuditNewUsersQuery } from '../../../../../src/application/queries/audit-new-users/audit-new-users.query.js';
import type { AuditDauQuery } from '../../../../../src/application/queries/audit-dau/audit-dau.query.js';
import { DayDropper } from '../../../../../src/application/services/day-dropper.service.js';
import {
  RetentionPlan,
  type RetentionPolicy,
} from '../../../../../src/application/services/retention-plan.service.js';
import {
  retentionDaysTotal,
  retentionOverdueDays,
} from '../../../../../src/shared/metrics/retention-metrics.js';
import { metricsRegistry } from '../../../../../src/shared/metrics/metrics.js';
import { addDaysToKey } from '../../../../../src/shared/utils/timezone.util.js';
import { DAY_MS, earlier, HOUR_MS, MINUTE_MS, NOW, TODAY } from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';
import { InMemoryDailyActives } from '../../../../support/contracts/daily-actives-repository/fake.js';
import { InMemoryEventRetention } from '../../../../support/contracts/event-retention/fake.js';
import { InMemoryJobLock } from '../../../../support/contracts/job-lock/fake.js';

Logger.overrideLogger(false);

const OLD = addDaysToKey(TODAY, -31);
const OLDER = addDaysToKey(TODAY, -32);
const QUIET = { version: 2, calculatedAt: earlier(NOW, 8 * DAY_MS) };

let clock: FixedClock;
let retention: InMemoryEventRetention;
let actives: InMemoryDailyActives;
let lock: InMemoryJobLock;
let audited: string[];
let drifting: Set<string>;
let driftingBits: Set<string>;
let unbuilt: Set<string>;
let wrongNewUsers: Set<string>;
let wrongFirstDays: Set<string>;
let waits: number[];

beforeEach(() => {
  clock = new FixedClock();
  retention = new InMemoryEventRetention();
  actives = new InMemoryDailyActives();
  lock = new InMemoryJobLock();
  audited = [];
  drifting = new Set();
  driftingBits = new Set();
  unbuilt = new Set();
  wrongNewUsers = new Set();
  wrongFirstDays = new Set();
  waits = [];
});

function run(
  policy: RetentionPolicy = { events: 30, actives: null },
  options: Partial<RetentionOptions> = {},
): Promise<RetentionReport> {
  const audits = {
    execute: async (query: AuditDauQuery | AuditActivesQuery | AuditNewUsersQuery | AuditFirstDaysQuery) => {
      if (query instanceof AuditFirstDaysQuery) {
        const drift = wrongFirstDays.has(query.first) ? ['new users: 1 wrong in the log'] : [];
        return { days: [{ day: query.first, drift }], withoutLog: [], unsettled: [] };
      }
      if (query instanceof AuditNewUsersQuery)
        return wrongNewUsers.has(query.first) ? [{ day: query.first, drift: ['new users: 1 wrong'] }] : [];
      const { day } = query;
      if (query instanceof AuditActivesQuery)
        return { isSettled: !unbuilt.has(day), drift: driftingBits.has(day) ? ['a bit'] : [] };
      audited.push(day);
      return { stored: 2, drift: drifting.has(day) ? ['stored stats says 1 in all, the log 2'] : [] };
    },
  };
  const backoff = {
    wait: async (attempt: number) => {
      waits.push(attempt);
    },
  };
  const handler = new ApplyRetentionHandler(
    clock,
    lock,
    new RetentionPlan(clock, retention, actives, policy),
    new DayDropper(audits as unknown as QueryBus, retention, backoff),
  );
  return handler.execute(
    new ApplyRetentionCommand({ dryRun: false, signal: new AbortController().signal, ...options }),
  );
}

describe('ApplyRetentionHandler', () => {
  it('drops each day past its limit, oldest first, the events of a day before its active set', async () => {
    for (const data of ['events', 'actives'] as const)
      for (const day of [OLD, OLDER, addDaysToKey(TODAY, -30)]) retention.add(data, { day, figures: QUIET });
    expect(await run({ events: 30, actives: 31 })).toEqual({
      dropped: [
        { data: 'events', day: OLDER, bytes: 1_000, rows: 7 },
        { data: 'actives', day: OLDER, bytes: 1_000, rows: 7 },
        { data: 'events', day: OLD, bytes: 1_000, rows: 7 },
      ],
      kept: [],
      left: 0,
      ended: 'done',
    });
    expect(retention.dropped).toEqual([
      `events of ${OLDER}, version 2`,
      `actives of ${OLDER}, version 2`,
      `events of ${OLD}, version 2`,
    ]);
  });

  it('does nothing without a limit', async () => {
    retention.add('events', { day: OLD, figures: QUIET });
    lock.heldElsewhere.add('retention');
    expect(await run({ events: null, actives: null })).toEqual({
      dropped: [],
      kept: [],
      left: 0,
      ended: 'done',
    });
  });

  it('does nothing while another replica does it', async () => {
    retention.add('events', { day: OLD, figures: QUIET });
    lock.heldElsewhere.add('retention');
    expect(await run()).toEqual({ dropped: [], kept: [], left: 0, ended: 'elsewhere' });
  });

  it('drops nothing, audits nothing and needs no lock in a dry run', async () => {
    retention.add('events', { day: OLD, figures: QUIET }).add('events', { day: OLDER, isMarked: true });
    lock.heldElsewhere.add('retention');
    expect(await run(undefined, { dryRun: true })).toMatchObject({
      dropped: [{ day: OLD, rows: 7 }],
      kept: [{ day: OLDER, reason: 'marked' }],
    });
    expect([retention.dropped, audited]).toEqual([[], []]);
  });

  it('audits a day before it is dropped, and keeps one that drifts', async () => {
    retention.add('events', { day: OLD, figures: QUIET }).add('events', { day: OLDER, figures: QUIET });
    drifting.add(OLDER);
    expect(await run()).toMatchObject({ dropped: [{ day: OLD }], kept: [{ day: OLDER, reason: 'drift' }] });
    expect(audited).toEqual([OLDER, OLD]);
  });

  it('keeps the events of a day whose first days drift: the active set may go, because the log stays', async () => {
    for (const data of ['events', 'actives'] as const)
      for (const day of [OLD, OLDER]) retention.add(data, { day, figures: QUIET });
    wrongFirstDays.add(OLDER);
    const { dropped, kept } = await run({ events: 30, actives: 30 });
    expect(dropped.map(({ data, day }) => `${data} of ${day}`).sort()).toEqual([
      `actives of ${OLDER}`,
      `actives of ${OLD}`,
      `events of ${OLD}`,
    ]);
    expect(kept).toMatchObject([
      { day: OLDER, data: 'events', reason: 'drift', drift: ['new users: 1 wrong in the log'] },
    ]);
  });

  it.each([
    ['bits', () => driftingBits, 'a bit'],
    ['new users', () => wrongNewUsers, 'new users: 1 wrong'],
    ['figures', () => drifting, 'stored stats says 1 in all, the log 2'],
  ])(
    'keeps the events and the active set of a day whose %s drift, and says what differs',
    async (_, days, says) => {
      for (const data of ['events', 'actives'] as const)
        for (const day of [OLD, OLDER]) retention.add(data, { day, figures: QUIET });
      days().add(OLDER);
      const { dropped, kept } = await run({ events: 30, actives: 30 });
      expect(dropped.map(({ day }) => day)).toEqual([OLD, OLD]);
      expect(kept).toMatchObject([
        { day: OLDER, data: 'events', reason: 'drift', drift: [says] },
        { day: OLDER, data: 'actives', reason: 'drift', drift: [says] },
      ]);
    },
  );

  it('keeps the active set, not the events, of a day whose bits are not built', async () => {
    for (const data of ['events', 'actives'] as const) retention.add(data, { day: OLD, figures: QUIET });
    unbuilt.add(OLD);
    expect(await run({ events: 30, actives: 30 })).toMatchObject({
      dropped: [{ day: OLD, data: 'events' }],
      kept: [
        { day: OLD, data: 'actives', reason: 'drift', drift: [expect.stringContaining('not built yet')] },
      ],
    });
  });

  it.each([
    ['marked', { figures: QUIET, isMarked: true }],
    ['not_calculated', { figures: null }],
    [
      'not_final',
      { figures: { version: 1, calculatedAt: new Date(`${addDaysToKey(OLD, 1)}T00:59:59+08:00`) } },
    ],
    ['changed_lately', { figures: { version: 1, calculatedAt: earlier(NOW, 7 * DAY_MS - 1) } }],
  ])('keeps a day that is %s without looking at its rows', async (reason, partition) => {
    actives.add(OLD, 'u:1');
    retention.add('events', { day: OLD, ...partition });
    expect(await run()).toEqual({
      dropped: [],
      kept: [{ data: 'events', day: OLD, bytes: 1_000, reason }],
      left: 0,
      ended: 'done',
    });
    expect(audited).toEqual([]);
  });

  it('drops a day without figures that has no active users', async () => {
    retention.add('events', { day: OLD });
    expect((await run()).dropped).toMatchObject([{ day: OLD }]);
    expect(retention.dropped).toEqual([`events of ${OLD}, version null`]);
  });

  it('tries again while the table is busy, at most ten times, longer after each attempt', async () => {
    retention.add('events', { day: OLD, figures: QUIET }).add('events', { day: OLDER, figures: QUIET });
    retention.outcomes.push(...Array.from({ length: 10 }, () => 'busy' as const), 'busy', 'dropped');
    expect(await run()).toMatchObject({ dropped: [{ day: OLD }], kept: [{ day: OLDER, reason: 'busy' }] });
    expect(waits).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 1]);
  });

  it('keeps a day that changes meanwhile, and forgets one that is gone', async () => {
    retention.add('events', { day: OLD, figures: QUIET }).add('events', { day: OLDER, figures: QUIET });
    retention.outcomes.push('absent', 'changed');
    expect(await run()).toMatchObject({ dropped: [], kept: [{ day: OLD, reason: 'changed' }] });
  });

  it('ends after the day in progress when it is interrupted', async () => {
    retention.add('events', { day: OLD, figures: QUIET }).add('events', { day: OLDER, figures: QUIET });
    const interrupt = new AbortController();
    const report = await run(undefined, { signal: interrupt.signal, onProgress: () => interrupt.abort() });
    expect(report).toMatchObject({ dropped: [{ day: OLDER }], ended: 'interrupted' });
  });

  it('ends after forty minutes, well before its lock does, and leaves the rest to the next run', async () => {
    retention.add('events', { day: OLD, figures: QUIET }).add('events', { day: OLDER, figures: QUIET });
    const report = await run(undefined, { onProgress: () => clock.advance(41 * MINUTE_MS) });
    expect(report).toMatchObject({ dropped: [{ day: OLDER }], left: 1, ended: 'time_limit' });
  });

  it('counts dropped days and shows those that are overdue', async () => {
    const droppedDays = async () =>
      (await retentionDaysTotal.get()).values.find(({ labels }) => labels.data === 'events')?.value ?? NaN;
    const before = await droppedDays();
    retention.add('events', { day: OLD, figures: QUIET }).add('events', { day: OLDER, isMarked: true });
    await run();
    expect((await droppedDays()) - before).toBe(1);
    expect(await metricsRegistry.getSingleMetricAsString('analytics_retention_overdue_days')).toMatch(/ 1$/m);
    retentionOverdueDays.set(0, { forMs: HOUR_MS });
  });
});
