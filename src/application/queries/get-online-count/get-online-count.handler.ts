import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import {
  PRESENCE_REPOSITORY,
  type IPresenceRepository,
} from '../../../domain/repositories/presence.repository.interface.js';
import { OnlineDetectionService } from '../../../domain/services/online-detection.service.js';
import { GetOnlineCountQuery, type OnlineCountResult } from './get-online-count.query.js';

@QueryHandler(GetOnlineCountQuery)
export class GetOnlineCountHandler implements IQueryHandler<GetOnlineCountQuery> {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(PRESENCE_REPOSITORY) private readonly presence: IPresenceRepository,
    private readonly detection: OnlineDetectionService,
  ) {}

  async execute(): Promise<OnlineCountResult> {
    const queriedAt = this.clock.now();
    const { count, coverage } = await this.presence.countReachableUsers(
      this.detection.getOnlineThreshold(queriedAt),
      this.detection.getLatestHeartbeat(queriedAt),
    );
    const windowSeconds = this.detection.getWindowSeconds();
    return { count, isPartial: coverage < 1, coverage, windowSeconds, queriedAt };
  }
}
