import { Logger } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ApplyRetentionCommand } from '../../../../src/application/commands/apply-retention/apply-retention.command.js';
import { CalculateDauCommand } from '../../../../src/application/commands/calculate-dau/calculate-dau.command.js';
import { AnalyticsScheduler } from '../../../../src/application/schedulers/analytics.scheduler.js';
import { DauRollupService } from '../../../../src/application/services/dau-rollup.service.js';
import { JobRunner } from '../../../../src/application/services/job-runner.service.js';
import { MINUTE_MS, NOW, TODAY, YESTERDAY } from '../../../support/builders.js';
import { UniteWeeksCommand } from '../../../../src/application/commands/unite-weeks/unite-weeks.command.js';
import { commandBusOf } from '../../../support/command-bus.js';
import { FixedClock } from '../../../support/contracts/clock/fake.js';
import { InMemoryActiveBits } from '../../../support/contracts/active-bits-repository/fake.js';
import { InMemoryDailyActives } from '../../../support/contracts/daily-actives-repository/fake.js';
import { InMemoryJobLock } from '../../../support/contracts/job-lock/fake.js';

Logger.overrideLogger(false);

type Timer = Parameters<SchedulerRegistry['addCronJob']>[1];

/** Returns the options that `@Cron()` stored on a method. */
function cronOf(method: (...args: never[]) => unknown): { cronTime: unknown; timeZone: unknown } {
  const { cronTime, timeZone } = Reflect.getMetadata('SCHEDULE_CRON_OPTIONS', method) as Record<
    string,
    unknown
  >;
  return { cronTime, timeZone };
}

describe('the cron times, in Asia/Shanghai', () => {
  const { prototype } = AnalyticsScheduler;

  it.each([
    ['online snapshot', prototype.recordOnlineSnapshot, '*/1 * * * *'],
    ['housekeeping', prototype.cleanupExpiredPresence, '0 0-23/1 * * *'],
    ['rolling DAU', prototype.calculateTodayDauRolling, '0 0-23/1 * * *'],
    ['yesterday’s DAU', prototype.calculateYesterdayDau, '0 0 1 * * *'],
    ['retention', prototype.applyRetention, '0 30 3 * * *'],
    ['metrics of figures', prototype.refreshFigureMetrics, '30 */5 * * * *'],
  ])('trap 14: %s', (_, method, cronTime) => {
    expect(cronOf(method)).toEqual({ cronTime, timeZone: 'Asia/Shanghai' });
  });
});

describe('AnalyticsScheduler', () => {
  let commands: unknown[];
  let actives: InMemoryDailyActives;
  let failing: boolean;
  let interrupted: AbortSignal | undefined;
  let scheduler: AnalyticsScheduler;
  let timers: SchedulerRegistry;

  beforeEach(() => {
    commands = [];
    failing = false;
    timers = new SchedulerRegistry();
    const clock = new FixedClock();
    actives = new InMemoryDailyActives();
    const bus = commandBusOf(async (command: object) => {
      if (failing) throw new Error('unavailable');
      if (command instanceof ApplyRetentionCommand) interrupted = command.options.signal;
      commands.push(command instanceof CalculateDauCommand ? command.day : command.constructor.name);
      return command instanceof UniteWeeksCommand ? { weeks: [] } : {};
    });
    scheduler = new AnalyticsScheduler(
      bus,
      clock,
      new JobRunner(clock),
      new DauRollupService(bus, actives, new InMemoryActiveBits(actives), new InMemoryJobLock(), clock),
      timers,
    );
  });

  it('catches up at start after downtime', async () => {
    actives.add(TODAY, 'u:1').add(YESTERDAY, 'u:2').mark(YESTERDAY);
    scheduler.startWork();
    await scheduler.beforeApplicationShutdown();
    expect(commands).toEqual([
      'MaintainEventLogCommand',
      'RemoveExpiredPresenceCommand',
      'RepairRealtimeDauCommand',
      'RefreshFigureMetricsCommand',
      TODAY,
      YESTERDAY,
      'UniteWeeksCommand',
    ]);
  });

  it('leaves every timer to the start of the work, which follows listening', async () => {
    for (const method of [
      AnalyticsScheduler.prototype.recordOnlineSnapshot,
      AnalyticsScheduler.prototype.cleanupExpiredPresence,
      AnalyticsScheduler.prototype.calculateTodayDauRolling,
      AnalyticsScheduler.prototype.calculateYesterdayDau,
      AnalyticsScheduler.prototype.applyRetention,
      AnalyticsScheduler.prototype.refreshFigureMetrics,
    ])
      expect(Reflect.getMetadata('SCHEDULE_CRON_OPTIONS', method)).toMatchObject({ disabled: true });
    jest.useFakeTimers();
    let ticks = 0;
    timers.addCronJob('minute', {
      cronTime: { getNextDateFrom: () => ({ toMillis: () => NOW.getTime() + ticks * MINUTE_MS }) },
      fireOnTick: () => ticks++,
    } as unknown as Timer);
    await jest.advanceTimersByTimeAsync(MINUTE_MS);
    expect(ticks).toBe(0);
    scheduler.startWork();
    await jest.advanceTimersByTimeAsync(MINUTE_MS);
    expect(ticks).toBeGreaterThan(0);
    jest.useRealTimers();
    await scheduler.beforeApplicationShutdown();
  });

  it('takes a snapshot every minute, and repairs and cleans up presence and the live DAU', async () => {
    await scheduler.recordOnlineSnapshot();
    expect(commands).toEqual([
      'RecordOnlineSnapshotCommand',
      'RepairPresenceCommand',
      'RemoveExpiredPresenceCommand',
      'RepairRealtimeDauCommand',
    ]);
  });

  it('calculates yesterday at 01:00, today every hour', async () => {
    await scheduler.calculateYesterdayDau();
    await scheduler.calculateTodayDauRolling();
    expect(commands).toEqual([YESTERDAY, TODAY, 'UniteWeeksCommand']);
  });

  it('does the housekeeping every hour', async () => {
    await scheduler.cleanupExpiredPresence();
    expect(commands).toEqual(['MaintainEventLogCommand', 'RemoveExpiredPresenceCommand']);
  });

  it('applies retention every night, and interrupts it at shutdown', async () => {
    await scheduler.applyRetention();
    expect(commands).toEqual(['ApplyRetentionCommand']);
    expect(interrupted?.aborted).toBe(false);
    await scheduler.beforeApplicationShutdown();
    expect(interrupted?.aborted).toBe(true);
  });

  it('never throws into the timer', async () => {
    failing = true;
    await expect(scheduler.recordOnlineSnapshot()).resolves.toBeUndefined();
    await expect(scheduler.calculateYesterdayDau()).resolves.toBeUndefined();
    await expect(scheduler.calculateTodayDauRolling()).resolves.toBeUndefined();
  });

  it('starts no job after shutdown has begun', async () => {
    await scheduler.beforeApplicationShutdown();
    await scheduler.recordOnlineSnapshot();
    expect(commands).toEqual([]);
  });
});
