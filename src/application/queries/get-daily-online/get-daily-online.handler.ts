import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  ONLINE_SNAPSHOT_REPOSITORY,
  type IOnlineSnapshotRepository,
} from '../../../domain/repositories/online-snapshot.repository.interface.js';
import { countMissedMinutes } from '../../../domain/value-objects/daily-online.vo.js';
import { isFinal } from '../../../shared/rules/final-hour.rule.js';
import { minuteOf } from '../../../shared/utils/timezone.util.js';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import { assertDayRange } from '../day-range.js';
import { GetDailyOnlineQuery, type DailyOnlineResult } from './get-daily-online.query.js';

@QueryHandler(GetDailyOnlineQuery)
export class GetDailyOnlineHandler implements IQueryHandler<GetDailyOnlineQuery> {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(ONLINE_SNAPSHOT_REPOSITORY) private readonly snapshots: IOnlineSnapshotRepository,
  ) {}

  /** @throws ApplicationException `date_range_invalid` */
  async execute({ startDate, endDate }: GetDailyOnlineQuery): Promise<DailyOnlineResult> {
    assertDayRange(startDate, endDate);
    const now = this.clock.now();
    // Reads the last snapshot before the days: they hold at least what it says.
    const lastSnapshotAt = await this.snapshots.findLastInstant(startDate, endDate);
    const [days, record] = await Promise.all([
      this.snapshots.findDaily(startDate, endDate, minuteOf(now, 0)),
      this.snapshots.findRecord(),
    ]);
    const data = days.map((daily) => ({
      day: daily.day,
      peak: daily.peak,
      average: daily.average,
      samples: daily.samples,
      missedMinutes: countMissedMinutes(daily, now),
      isFinal: isFinal(daily.day, now),
    }));
    return { data, lastSnapshotAt, record };
  }
}
