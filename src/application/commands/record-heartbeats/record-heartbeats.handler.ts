import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { HeartbeatReceivedEvent } from '../../../domain/events/heartbeat-received.event.js';
import {
  PRESENCE_REPOSITORY,
  type IPresenceRepository,
} from '../../../domain/repositories/presence.repository.interface.js';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import { EVENT_PUBLISHER, type IEventPublisher } from '../../ports/event-publisher.port.js';
import { parseHeartbeats } from './parse-heartbeats.js';
import { RecordHeartbeatsCommand, type RecordHeartbeatsResult } from './record-heartbeats.command.js';

@CommandHandler(RecordHeartbeatsCommand)
export class RecordHeartbeatsHandler implements ICommandHandler<RecordHeartbeatsCommand> {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(PRESENCE_REPOSITORY) private readonly presence: IPresenceRepository,
    @Inject(EVENT_PUBLISHER) private readonly publisher: IEventPublisher,
  ) {}

  /**
   * Acknowledges and publishes all good heartbeats once every one is stored, or none of them. Places for the events
   * are reserved first, so that what is acknowledged has room.
   */
  async execute(command: RecordHeartbeatsCommand): Promise<RecordHeartbeatsResult> {
    const { heartbeats, rejected } = parseHeartbeats(command.heartbeats);
    const places = await this.publisher.reserve(heartbeats.length);
    const now = this.clock.now();
    const serverTs = Math.floor(now.getTime() / 1000);
    try {
      await this.presence.updateUsersPresence(
        heartbeats.map(({ userId }) => userId),
        serverTs,
      );
      places.publish(
        heartbeats.map(({ userId, installId }) => new HeartbeatReceivedEvent(userId, installId, now)),
      );
    } finally {
      places.release();
    }
    const failed = rejected.length;
    return { accepted: heartbeats.length, failed, serverTs, ...(failed > 0 && { rejected }) };
  }
}
