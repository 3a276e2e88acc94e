import { Inject, Logger } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  PRESENCE_REPOSITORY,
  type IPresenceRepository,
} from '../../../domain/repositories/presence.repository.interface.js';
import { OnlineDetectionService } from '../../../domain/services/online-detection.service.js';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import { JOB_LOCK, type IJobLock } from '../../ports/job-lock.port.js';
import { RepairPresenceCommand } from './repair-presence.command.js';

/** One replica at a time removes; the others skip. Users who are really online return with their next heartbeat. */
@CommandHandler(RepairPresenceCommand)
export class RepairPresenceHandler implements ICommandHandler<RepairPresenceCommand> {
  private readonly logger = new Logger(RepairPresenceHandler.name);

  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(PRESENCE_REPOSITORY) private readonly presence: IPresenceRepository,
    private readonly detection: OnlineDetectionService,
    @Inject(JOB_LOCK) private readonly lock: IJobLock,
  ) {}

  async execute(): Promise<void> {
    await this.lock.runExclusively('presence-repair', async () => {
      const latest = this.detection.getLatestHeartbeat(this.clock.now());
      const removed = await this.presence.removeFutureUsers(latest);
      if (removed > 0)
        this.logger.warn(`Removed the presence of ${removed} users, whose heartbeat was in the future`);
    });
  }
}
