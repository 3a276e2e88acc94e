import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type BeforeApplicationShutdown,
} from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Cron, CronExpression } from '@nestjs/schedule';
import { CLOCK, type IClock } from '../ports/clock.port.js';
import { FINAL_HOUR } from '../../shared/rules/final-hour.rule.js';
import { DEFAULT_TIMEZONE } from '../../shared/utils/timezone.util.js';
import { RecordOnlineSnapshotCommand } from '../commands/record-online-snapshot/record-online-snapshot.command.js';
import { DauRollupService } from '../services/dau-rollup.service.js';
import { JobRunner } from '../services/job-runner.service.js';
import { MaintenanceService } from '../services/maintenance.service.js';

/**
 * When what runs. Each job is safe with any number of replicas and after downtime:
 *
 * - every minute, the online snapshot: one row a minute whoever wins; a minute the service was away has none;
 * - every hour, housekeeping: forget presence older than 24 h, keep partitions ahead, mend the live DAU;
 * - every hour, today's DAU and every past day that gained events or was never final;
 * - 01:00 Asia/Shanghai, yesterday's DAU, which is final then.
 *
 * The rollups hold a lock, and skip a day that another replica calculated at the same tick. Both hourly jobs also run
 * at start: that is the catch-up after downtime.
 */
@Injectable()
export class AnalyticsScheduler implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(AnalyticsScheduler.name);

  constructor(
    private readonly commandBus: CommandBus,
    @Inject(CLOCK) private readonly clock: IClock,
    private readonly jobs: JobRunner,
    private readonly rollup: DauRollupService,
    private readonly maintenance: MaintenanceService,
  ) {}

  onApplicationBootstrap(): void {
    this.maintenance.start();
    this.jobs.start('maintenance', () => this.maintenance.run());
    this.jobs.start('realtime-dau', () => this.maintenance.mendRealtimeDau());
    this.jobs.start('dau-rolling', () => this.rollup.calculateDue(this.clock.now()));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.jobs.drain();
  }

  @Cron(CronExpression.EVERY_MINUTE, { timeZone: DEFAULT_TIMEZONE })
  async recordOnlineSnapshot(): Promise<void> {
    await this.jobs.run('online-snapshot', async () => {
      const { recorded, onlineCount } = await this.commandBus.execute(new RecordOnlineSnapshotCommand());
      this.logger.debug(
        `Online snapshot: ${onlineCount} users${recorded ? '' : ' (another replica was first)'}`,
      );
    });
    await this.jobs.run('realtime-dau', () => this.maintenance.mendRealtimeDau());
  }

  @Cron(CronExpression.EVERY_HOUR, { timeZone: DEFAULT_TIMEZONE })
  async cleanupExpiredPresence(): Promise<void> {
    await this.jobs.run('maintenance', () => this.maintenance.run());
  }

  @Cron(`0 0 ${FINAL_HOUR} * * *`, { timeZone: DEFAULT_TIMEZONE })
  async calculateYesterdayDau(): Promise<void> {
    await this.jobs.run('dau-yesterday', () => this.rollup.calculateYesterday(this.clock.now()));
  }

  @Cron(CronExpression.EVERY_HOUR, { timeZone: DEFAULT_TIMEZONE })
  async calculateTodayDauRolling(): Promise<void> {
    await this.jobs.run('dau-rolling', () => this.rollup.calculateDue(this.clock.now()));
  }
}
