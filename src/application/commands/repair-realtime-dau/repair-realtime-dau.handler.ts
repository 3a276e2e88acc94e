import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { JOB_LOCK, type IJobLock } from '../../ports/job-lock.port.js';
import { RealtimeDauRepair } from '../../services/realtime-dau-repair.service.js';
import { RepairRealtimeDauCommand } from './repair-realtime-dau.command.js';

/** One replica compares all live days; each verifies today for itself, and rebuilds the days it knows to be stale. */
@CommandHandler(RepairRealtimeDauCommand)
export class RepairRealtimeDauHandler implements ICommandHandler<RepairRealtimeDauCommand> {
  constructor(
    @Inject(JOB_LOCK) private readonly lock: IJobLock,
    private readonly repair: RealtimeDauRepair,
  ) {}

  async execute({ afterStart }: RepairRealtimeDauCommand): Promise<void> {
    try {
      if (!this.repair.isVerified) await this.repair.verify();
    } finally {
      if (afterStart) this.repair.markRecentDaysStale();
    }
    await this.lock.runExclusively('realtime-dau', () => this.repair.compare());
    await this.repair.rebuildStale();
  }
}
