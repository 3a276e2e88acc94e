import { Inject, Logger } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  PRESENCE_REPOSITORY,
  type IPresenceRepository,
} from '../../../domain/repositories/presence.repository.interface.js';
import { TimeWindow } from '../../../domain/value-objects/time-window.vo.js';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import { JOB_LOCK, type IJobLock } from '../../ports/job-lock.port.js';
import { RemoveExpiredPresenceCommand } from './remove-expired-presence.command.js';

/** One replica at a time removes; the others skip. */
@CommandHandler(RemoveExpiredPresenceCommand)
export class RemoveExpiredPresenceHandler implements ICommandHandler<RemoveExpiredPresenceCommand> {
  private readonly logger = new Logger(RemoveExpiredPresenceHandler.name);

  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(PRESENCE_REPOSITORY) private readonly presence: IPresenceRepository,
    @Inject(JOB_LOCK) private readonly lock: IJobLock,
  ) {}

  async execute(): Promise<void> {
    await this.lock.runExclusively('presence-cleanup', async () => {
      const threshold = Math.floor(this.clock.now().getTime() / 1000) - TimeWindow.KEPT_SECONDS;
      const removed = await this.presence.removeExpiredUsers(threshold);
      if (removed > 0)
        this.logger.debug(
          `Removed the presence of ${removed} users, last seen over ${TimeWindow.KEPT_SECONDS} s ago`,
        );
    });
  }
}
