import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Cron, CronExpression, SchedulerRegistry } from '@nestjs/schedule';
import { FINAL_HOUR } from '../../shared/rules/final-hour.rule.js';
import { DEFAULT_TIMEZONE } from '../../shared/utils/timezone.util.js';
import { ApplyRetentionCommand } from '../commands/apply-retention/apply-retention.command.js';
import { MaintainEventLogCommand } from '../commands/maintain-event-log/maintain-event-log.command.js';
import { RefreshFigureMetricsCommand } from '../commands/refresh-figure-metrics/refresh-figure-metrics.command.js';
import { RecordOnlineSnapshotCommand } from '../commands/record-online-snapshot/record-online-snapshot.command.js';
import { RemoveExpiredPresenceCommand } from '../commands/remove-expired-presence/remove-expired-presence.command.js';
import { RepairPresenceCommand } from '../commands/repair-presence/repair-presence.command.js';
import { RepairRealtimeDauCommand } from '../commands/repair-realtime-dau/repair-realtime-dau.command.js';
import type { BackgroundWork } from '../ports/background-work.port.js';
import { CLOCK, type IClock } from '../ports/clock.port.js';
import { DauRollupService } from '../services/dau-rollup.service.js';
import { JobRunner } from '../services/job-runner.service.js';
import { settleAll } from '../services/settle-all.js';
import { ClockTimers } from './clock-timers.js';

/** Leaves the timers to {@link ClockTimers}: the library's start before the service listens, and by another clock. */
const CRON_OPTIONS = { timeZone: DEFAULT_TIMEZONE, disabled: true };

/** Runs each job at its time. Every job is safe with N replicas; the hourly ones also run at start, to catch up. */
@Injectable()
export class AnalyticsScheduler implements BackgroundWork, BeforeApplicationShutdown {
  private readonly logger = new Logger(AnalyticsScheduler.name);
  private readonly timers: ClockTimers;
  private readonly shutdown = new AbortController();

  constructor(
    private readonly commandBus: CommandBus,
    @Inject(CLOCK) private readonly clock: IClock,
    private readonly jobs: JobRunner,
    private readonly rollup: DauRollupService,
    private readonly registry: SchedulerRegistry,
  ) {
    this.timers = new ClockTimers(clock, DEFAULT_TIMEZONE);
  }

  startWork(): void {
    for (const job of this.registry.getCronJobs().values()) this.timers.start(job);
    this.jobs.start('maintenance', () => this.maintain());
    this.jobs.start('realtime-dau', () => this.commandBus.execute(new RepairRealtimeDauCommand(true)));
    this.jobs.start('dau-rolling', () => this.rollup.calculateDue(this.clock.now()));
    this.jobs.start('figure-metrics', () => this.commandBus.execute(new RefreshFigureMetricsCommand()));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.timers.stop();
    this.shutdown.abort();
    await this.jobs.drain();
  }

  /** Stores one snapshot a minute, whichever replica is first. A minute without a running service has none. */
  @Cron(CronExpression.EVERY_MINUTE, CRON_OPTIONS)
  async recordOnlineSnapshot(): Promise<void> {
    await this.jobs.run('online-snapshot', async () => {
      const { recorded, onlineCount } = await this.commandBus.execute(new RecordOnlineSnapshotCommand());
      this.logger.debug(
        `Online snapshot: ${onlineCount} users${recorded ? '' : ' (another replica was first)'}`,
      );
    });
    await this.jobs.run('presence-repair', () => this.commandBus.execute(new RepairPresenceCommand()));
    await this.jobs.run('presence-cleanup', () =>
      this.commandBus.execute(new RemoveExpiredPresenceCommand()),
    );
    await this.jobs.run('realtime-dau', () => this.commandBus.execute(new RepairRealtimeDauCommand()));
  }

  @Cron(CronExpression.EVERY_HOUR, CRON_OPTIONS)
  async cleanupExpiredPresence(): Promise<void> {
    await this.jobs.run('maintenance', () => this.maintain());
  }

  /** Makes yesterday final. */
  @Cron(`0 0 ${FINAL_HOUR} * * *`, CRON_OPTIONS)
  async calculateYesterdayDau(): Promise<void> {
    await this.jobs.run('dau-yesterday', () => this.rollup.calculateYesterday(this.clock.now()));
  }

  /** Calculates today, and every past day that gained events or was never final. */
  @Cron(CronExpression.EVERY_HOUR, CRON_OPTIONS)
  async calculateTodayDauRolling(): Promise<void> {
    await this.jobs.run('dau-rolling', () => this.rollup.calculateDue(this.clock.now()));
  }

  /** Drops the days past their limits, when the traffic is low and the figures of yesterday are final. */
  @Cron('0 30 3 * * *', CRON_OPTIONS)
  async applyRetention(): Promise<void> {
    const { signal } = this.shutdown;
    await this.jobs.run('retention', async () => {
      await this.commandBus.execute(new ApplyRetentionCommand({ dryRun: false, signal }));
    });
  }

  /** Refreshes the metrics of figures half a minute after the full hour, when the rollup has counted today. */
  @Cron('30 */5 * * * *', CRON_OPTIONS)
  async refreshFigureMetrics(): Promise<void> {
    await this.jobs.run('figure-metrics', () => this.commandBus.execute(new RefreshFigureMetricsCommand()));
  }

  private async maintain(): Promise<void> {
    await settleAll([
      this.commandBus.execute(new MaintainEventLogCommand()),
      this.commandBus.execute(new RemoveExpiredPresenceCommand()),
    ]);
  }
}
