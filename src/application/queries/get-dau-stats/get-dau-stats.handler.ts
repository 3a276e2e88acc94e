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
import { addDaysToKey, formatToDateKey } from '../../../shared/utils/timezone.util.js';
import { assertDayRange } from '../../services/day-range.js';
import { LiveActives } from '../../services/live-actives.service.js';
import { GetDauStatsQuery, type DauStatsItem, type DauStatsResult } from './get-dau-stats.query.js';

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
    assertDayRange(startDate, endDate);
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
