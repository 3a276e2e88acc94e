import { Inject, Logger } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  PRESENCE_REPOSITORY,
  type IPresenceRepository,
} from '../../../domain/repositories/presence.repository.interface.js';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import { RemoveExpiredPresenceCommand } from './remove-expired-presence.command.js';

const RETENTION_SECONDS = 24 * 60 * 60;

@CommandHandler(RemoveExpiredPresenceCommand)
export class RemoveExpiredPresenceHandler implements ICommandHandler<RemoveExpiredPresenceCommand> {
  private readonly logger = new Logger(RemoveExpiredPresenceHandler.name);

  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(PRESENCE_REPOSITORY) private readonly presence: IPresenceRepository,
  ) {}

  async execute(): Promise<void> {
    const threshold = Math.floor(this.clock.now().getTime() / 1000) - RETENTION_SECONDS;
    const removed = await this.presence.removeExpiredUsers(threshold);
    if (removed > 0) this.logger.log(`Removed the presence of ${removed} users, last seen over 24 h ago`);
  }
}
