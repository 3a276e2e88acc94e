import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { CLOCK, type IClock } from '../../../domain/repositories/clock.interface.js';
import {
  DAILY_ACTIVE_STATS_REPOSITORY,
  type IDailyActiveStatsRepository,
} from '../../../domain/repositories/daily-active-stats.repository.interface.js';
import type { ActiveCount } from '../../../domain/repositories/daily-actives.repository.interface.js';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { countDays, formatToDateKey, isDateKey } from '../../../shared/utils/timezone.util.js';
import { TodayActives } from '../../services/today-actives.service.js';
import { GetDauStatsQuery, type DauStatsItem, type DauStatsResult } from './get-dau-stats.query.js';

export const MAX_DAYS = 366;

/**
 * Past days as stored; today as it is now, because the active set knows it exactly at any moment. Should counting take
 * too long, today is as stored too, at most an hour old.
 */
@QueryHandler(GetDauStatsQuery)
export class GetDauStatsHandler implements IQueryHandler<GetDauStatsQuery> {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(DAILY_ACTIVE_STATS_REPOSITORY) private readonly stats: IDailyActiveStatsRepository,
    private readonly todayActives: TodayActives,
  ) {}

  async execute({ startDate, endDate }: GetDauStatsQuery): Promise<DauStatsResult> {
    assertRange(startDate, endDate);
    const today = formatToDateKey(this.clock.now());
    const asksForToday = startDate <= today && today <= endDate;
    const [stored, live] = await Promise.all([
      this.stats.findByDateRange(startDate, endDate),
      asksForToday ? this.todayActives.count(today) : null,
    ]);
    const data = stored
      .filter((stats) => stats.day !== today || live === null)
      .map((s) => toItem(s.day, { total: s.dauCount, byProvince: s.dauByProvince, byCity: s.dauByCity }));
    if (live !== null && live.total > 0) {
      // A device up to ten minutes ahead may already have put the day after today into the stored ones.
      const at = data.findIndex((item) => item.day > today);
      data.splice(at === -1 ? data.length : at, 0, toItem(today, live));
    }
    return { data, total: data.length };
  }
}

function toItem(day: string, count: ActiveCount): DauStatsItem {
  return {
    day,
    dauCount: count.total,
    byProvince: Object.fromEntries(count.byProvince),
    byCity: Object.fromEntries(count.byCity),
  };
}

function assertRange(startDate: string, endDate: string): void {
  for (const [field, value] of Object.entries({ startDate, endDate })) {
    if (!isDateKey(value)) throw invalidRange(`${field} must be a day that exists, as YYYY-MM-DD`, field);
  }
  const days = countDays(startDate, endDate);
  if (days < 1) throw invalidRange('startDate must not be later than endDate', 'startDate');
  if (days > MAX_DAYS) throw invalidRange(`at most ${MAX_DAYS} days a request, asked for ${days}`, 'endDate');
}

function invalidRange(message: string, field: string): ApplicationException {
  return new ApplicationException('date_range_invalid', 'invalid', message, undefined, { field });
}
