import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { OnlineSnapshot } from '../../../domain/entities/online-snapshot.entity.js';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import {
  ONLINE_SNAPSHOT_REPOSITORY,
  type IOnlineSnapshotRepository,
} from '../../../domain/repositories/online-snapshot.repository.interface.js';
import {
  PRESENCE_REPOSITORY,
  type IPresenceRepository,
} from '../../../domain/repositories/presence.repository.interface.js';
import { OnlineDetectionService } from '../../../domain/services/online-detection.service.js';
import { onlineUsers } from '../../../shared/metrics/state-metrics.js';
import { RecordOnlineSnapshotCommand } from './record-online-snapshot.command.js';

@CommandHandler(RecordOnlineSnapshotCommand)
export class RecordOnlineSnapshotHandler implements ICommandHandler<RecordOnlineSnapshotCommand> {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(PRESENCE_REPOSITORY) private readonly presence: IPresenceRepository,
    @Inject(ONLINE_SNAPSHOT_REPOSITORY) private readonly snapshots: IOnlineSnapshotRepository,
    private readonly detection: OnlineDetectionService,
  ) {}

  async execute(): Promise<{ recorded: boolean; onlineCount: number }> {
    const takenAt = this.clock.now();
    const onlineCount = await this.presence.countOnlineUsers(
      this.detection.getOnlineThreshold(takenAt),
      this.detection.getLatestHeartbeat(takenAt),
    );
    onlineUsers.set(onlineCount);
    const windowSeconds = this.detection.getWindowSeconds();
    const recorded = await this.snapshots.insert(
      OnlineSnapshot.create({ takenAt, onlineCount, windowSeconds }),
    );
    return { recorded, onlineCount };
  }
}
