import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import {
  DAILY_ACTIVE_STATS_REPOSITORY,
  type IDailyActiveStatsRepository,
} from '../../../domain/repositories/daily-active-stats.repository.interface.js';
import type { ActiveCount } from '../../../domain/value-objects/active-count.vo.js';
import { isFinal } from '../../../shared/rules/final-hour.rule.js';
import { PlaceCounts } from '../../../domain/value-objects/place-counts.vo.js';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { fieldMessage } from '../../../shared/utils/field-message.util.js';
import { addDaysToKey, countDays, formatToDateKey, isDateKey } from '../../../shared/utils/timezone.util.js';
import { LiveActives } from '../../services/live-actives.service.js';
import { GetDauStatsQuery, type DauStatsItem, type DauStatsResult } from './get-dau-stats.query.js';

export const MAX_DAYS = 366;

/**
 * Reads final days from the stored stats and counts provisional ones live. A count that takes too long
 * falls back to the stored stats (docs/adr/0005).
 */
@QueryHandler(GetDauStatsQuery)
export class GetDauStatsHandler implements IQueryHandler<GetDauStatsQuery> {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(DAILY_ACTIVE_STATS_REPOSITORY) private readonly stats: IDailyActiveStatsRepository,
    private readonly liveActives: LiveActives,
  ) {}

  async execute({ startDate, endDate }: GetDauStatsQuery): Promise<DauStatsResult> {
    assertRange(startDate, endDate);
    const stored = await this.stats.findByDateRange(startDate, endDate);
    const items = new Map<string, DauStatsItem>();
    for (const { day, dauCount, byProvince, byCity } of stored)
      items.set(day, { day, dauCount, byProvince, byCity });

    const final = new Set(stored.filter((s) => isFinal(s.day, s.calculatedAt)).map((s) => s.day));
    const today = formatToDateKey(this.clock.now());
    const provisional = [addDaysToKey(today, -1), today].filter(
      (day) => startDate <= day && day <= endDate && !final.has(day),
    );
    for (const day of provisional) {
      const live = await this.liveActives.count(day);
      if (live !== null && live.total > 0) items.set(day, toItem(day, live));
    }
    const data = [...items.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
    return { data, total: data.length };
  }
}

function toItem(day: string, count: ActiveCount): DauStatsItem {
  return {
    day,
    dauCount: count.total,
    byProvince: PlaceCounts.fromMap(count.byProvince),
    byCity: PlaceCounts.fromMap(count.byCity),
  };
}

function assertRange(startDate: string, endDate: string): void {
  for (const [field, value] of Object.entries({ startDate, endDate })) {
    if (!isDateKey(value)) {
      throw invalidRange(fieldMessage(field, 'be a day that exists', value, 'correct month and day'), field);
    }
  }
  const days = countDays(startDate, endDate);
  if (days < 1) {
    const nextStep = `swap it with endDate, which is ${JSON.stringify(endDate)}`;
    throw invalidRange(
      fieldMessage('startDate', 'not be later than endDate', startDate, nextStep),
      'startDate',
    );
  }
  if (days > MAX_DAYS) {
    throw invalidRange(
      `endDate must be at most ${MAX_DAYS} days from startDate, both included, it is ${days}: ask for less at a time`,
      'endDate',
    );
  }
}

function invalidRange(message: string, field: string): ApplicationException {
  return new ApplicationException('date_range_invalid', { detail: message, field });
}
