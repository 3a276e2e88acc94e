import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  ONLINE_SNAPSHOT_REPOSITORY,
  type IOnlineSnapshotRepository,
} from '../../../domain/repositories/online-snapshot.repository.interface.js';
import { MAX_HISTORY_DAYS } from '../../../shared/rules/history-interval.rule.js';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { GetOnlineHistoryQuery, type OnlineHistoryResult } from './get-online-history.query.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Bounds that exclude years which ISO 8601 cannot write in four digits. */
const EARLIEST = new Date('2000-01-01T00:00:00Z');
const LATEST = new Date('2100-01-01T00:00:00Z');

@QueryHandler(GetOnlineHistoryQuery)
export class GetOnlineHistoryHandler implements IQueryHandler<GetOnlineHistoryQuery> {
  constructor(@Inject(ONLINE_SNAPSHOT_REPOSITORY) private readonly snapshots: IOnlineSnapshotRepository) {}

  async execute({ startTime, endTime, interval }: GetOnlineHistoryQuery): Promise<OnlineHistoryResult> {
    if (startTime < EARLIEST || endTime > LATEST) {
      throw invalidRange('startTime and endTime must lie between the years 2000 and 2100', 'startTime');
    }
    const spanMs = endTime.getTime() - startTime.getTime();
    if (spanMs <= 0) throw invalidRange('endTime must be later than startTime', 'endTime');
    if (spanMs > MAX_HISTORY_DAYS[interval] * DAY_MS) {
      throw invalidRange(
        `at most ${MAX_HISTORY_DAYS[interval]} days at an interval of ${interval}`,
        'endTime',
      );
    }
    const history = await this.snapshots.findHistory({ start: startTime, end: endTime }, interval);
    return { interval, ...history };
  }
}

function invalidRange(message: string, field: string): ApplicationException {
  return new ApplicationException('time_range_invalid', { detail: message, field });
}
