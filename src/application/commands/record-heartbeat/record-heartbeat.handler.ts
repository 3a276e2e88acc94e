import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { HeartbeatReceivedEvent } from '../../../domain/events/heartbeat-received.event.js';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import { EVENT_PUBLISHER, type IEventPublisher } from '../../ports/event-publisher.port.js';
import {
  PRESENCE_REPOSITORY,
  type IPresenceRepository,
} from '../../../domain/repositories/presence.repository.interface.js';
import { InstallId } from '../../../domain/value-objects/install-id.vo.js';
import { RecordHeartbeatCommand, type RecordHeartbeatResult } from './record-heartbeat.command.js';

@CommandHandler(RecordHeartbeatCommand)
export class RecordHeartbeatHandler implements ICommandHandler<RecordHeartbeatCommand> {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(PRESENCE_REPOSITORY) private readonly presence: IPresenceRepository,
    @Inject(EVENT_PUBLISHER) private readonly publisher: IEventPublisher,
  ) {}

  async execute({ userId, installId }: RecordHeartbeatCommand): Promise<RecordHeartbeatResult> {
    const install = InstallId.fromString(installId);
    const now = this.clock.now();
    const serverTs = Math.floor(now.getTime() / 1000);
    await this.presence.updateUserPresence(userId, serverTs);
    this.publisher.offer(new HeartbeatReceivedEvent(userId, install.value, now));
    return { ok: true, serverTs };
  }
}
