import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { JOB_LOCK, type IJobLock } from '../../ports/job-lock.port.js';
import { RealtimeDauService } from '../../services/realtime-dau.service.js';
import { RepairRealtimeDauCommand } from './repair-realtime-dau.command.js';

/** One replica compares today with the exact figure; each replica rebuilds the days it knows to be stale. */
@CommandHandler(RepairRealtimeDauCommand)
export class RepairRealtimeDauHandler implements ICommandHandler<RepairRealtimeDauCommand> {
  constructor(
    @Inject(JOB_LOCK) private readonly lock: IJobLock,
    private readonly realtimeDau: RealtimeDauService,
  ) {}

  async execute({ afterStart }: RepairRealtimeDauCommand): Promise<void> {
    if (afterStart) this.realtimeDau.markRecentDaysStale();
    await this.lock.runExclusively('realtime-dau', () => this.realtimeDau.compareToday());
    await this.realtimeDau.rebuildStale();
  }
}
