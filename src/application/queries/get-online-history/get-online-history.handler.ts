import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  ONLINE_SNAPSHOT_REPOSITORY,
  type IOnlineSnapshotRepository,
} from '../../../domain/repositories/online-snapshot.repository.interface.js';
import { HistoryRange } from '../../../domain/value-objects/history-range.vo.js';
import { GetOnlineHistoryQuery, type OnlineHistoryResult } from './get-online-history.query.js';

@QueryHandler(GetOnlineHistoryQuery)
export class GetOnlineHistoryHandler implements IQueryHandler<GetOnlineHistoryQuery> {
  constructor(@Inject(ONLINE_SNAPSHOT_REPOSITORY) private readonly snapshots: IOnlineSnapshotRepository) {}

  /** @throws DomainException `time_range_invalid` */
  async execute({ startTime, endTime, interval }: GetOnlineHistoryQuery): Promise<OnlineHistoryResult> {
    const range = HistoryRange.of(startTime, endTime, interval);
    const history = await this.snapshots.findHistory(range, interval);
    return { interval, ...history };
  }
}
