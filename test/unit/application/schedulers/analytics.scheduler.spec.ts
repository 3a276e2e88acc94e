import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { CalculateDauCommand } from '../../../../src/application/commands/calculate-dau/calculate-dau.command.js';
import { RecordOnlineSnapshotCommand } from '../../../../src/application/commands/record-online-snapshot/record-online-snapshot.command.js';
import { AnalyticsScheduler } from '../../../../src/application/schedulers/analytics.scheduler.js';
import { DauRollupService } from '../../../../src/application/services/dau-rollup.service.js';
import { JobRunner } from '../../../../src/application/services/job-runner.service.js';
import { LiveActives } from '../../../../src/application/services/live-actives.service.js';
import { MaintenanceService } from '../../../../src/application/services/maintenance.service.js';
import { RealtimeDauService } from '../../../../src/application/services/realtime-dau.service.js';
import { EventTimeService } from '../../../../src/domain/services/event-time.service.js';
import { InProcessPresenceRepository } from '../../../../src/infrastructure/in-process/in-process-presence.repository.js';
import { TODAY, YESTERDAY } from '../../../support/builders.js';
import { commandBusOf } from '../../../support/command-bus.js';
import { FixedClock } from '../../../support/contracts/clock/fake.js';
import { InMemoryDailyActives } from '../../../support/contracts/daily-actives-repository/fake.js';
import { InMemoryJobLock } from '../../../support/contracts/job-lock/fake.js';
import { InMemoryRealtimeDau } from '../../../support/contracts/realtime-dau-repository/fake.js';

Logger.overrideLogger(false);

/** The metadata that `@Cron()` sets on a method. */
function cronOf(method: (...args: never[]) => unknown): { cronTime: unknown; timeZone: unknown } {
  const { cronTime, timeZone } = Reflect.getMetadata('SCHEDULE_CRON_OPTIONS', method) as Record<
    string,
    unknown
  >;
  return { cronTime, timeZone };
}

describe('the schedule in Shanghai time', () => {
  const { prototype } = AnalyticsScheduler;

  it.each([
    ['online snapshot', prototype.recordOnlineSnapshot, '*/1 * * * *'],
    ['housekeeping', prototype.cleanupExpiredPresence, '0 0-23/1 * * *'],
    ['rolling DAU', prototype.calculateTodayDauRolling, '0 0-23/1 * * *'],
    ['yesterday’s DAU', prototype.calculateYesterdayDau, '0 0 1 * * *'],
  ])('trap 14: %s', (_, method, cronTime) => {
    expect(cronOf(method)).toEqual({ cronTime, timeZone: 'Asia/Shanghai' });
  });
});

describe('AnalyticsScheduler', () => {
  let commands: unknown[];
  let actives: InMemoryDailyActives;
  let realtimeDau: InMemoryRealtimeDau;
  let ensured: number;
  let failing: boolean;
  let scheduler: AnalyticsScheduler;

  beforeEach(() => {
    commands = [];
    ensured = 0;
    failing = false;
    const clock = new FixedClock();
    actives = new InMemoryDailyActives();
    realtimeDau = new InMemoryRealtimeDau();
    const bus = commandBusOf(async (command: CalculateDauCommand | RecordOnlineSnapshotCommand) => {
      if (failing) throw new Error('away');
      commands.push(command instanceof RecordOnlineSnapshotCommand ? 'snapshot' : command.day);
      return {};
    });
    const eventLog = {
      ensureDays: async (): Promise<void> => {
        ensured++;
      },
      removeCorrections: async (): Promise<number> => 0,
    };
    scheduler = new AnalyticsScheduler(
      bus,
      clock,
      new JobRunner(clock),
      new DauRollupService(bus, actives, new InMemoryJobLock()),
      new MaintenanceService(
        clock,
        new InProcessPresenceRepository(),
        eventLog,
        new InMemoryJobLock(),
        new RealtimeDauService(clock, realtimeDau, actives, new LiveActives(clock, actives)),
        new EventTimeService(7),
      ),
    );
  });

  it('catches up at start on what is due', async () => {
    actives.add(TODAY, 'u:1').add(YESTERDAY, 'u:2').mark(YESTERDAY);
    scheduler.onApplicationBootstrap();
    await scheduler.beforeApplicationShutdown();
    expect(commands).toEqual([YESTERDAY, TODAY]);
    expect(ensured).toBe(1);
    expect(await realtimeDau.count(TODAY)).toBe(1);
  });

  it('records a snapshot and rebuilds the stale live DAU every minute', async () => {
    await scheduler.recordOnlineSnapshot();
    expect(commands).toEqual(['snapshot']);
  });

  it('calculates yesterday at 01:00 and today every hour', async () => {
    await scheduler.calculateYesterdayDau();
    await scheduler.calculateTodayDauRolling();
    expect(commands).toEqual([YESTERDAY, TODAY]);
  });

  it('runs maintenance every hour', async () => {
    await scheduler.cleanupExpiredPresence();
    expect(ensured).toBe(1);
  });

  it('does not throw into the timer', async () => {
    failing = true;
    await expect(scheduler.recordOnlineSnapshot()).resolves.toBeUndefined();
    await expect(scheduler.calculateYesterdayDau()).resolves.toBeUndefined();
    await expect(scheduler.calculateTodayDauRolling()).resolves.toBeUndefined();
  });

  it('starts nothing after the shutdown began', async () => {
    await scheduler.beforeApplicationShutdown();
    await scheduler.recordOnlineSnapshot();
    expect(commands).toEqual([]);
  });
});
