import { Injectable } from '@nestjs/common';
import { addDaysToKey, startOfDayInTimezone, type DateKey } from '../../shared/utils/timezone.util.js';
import type { DailyActiveStats } from '../aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import { DailyActiveStatsFactory } from '../aggregates/daily-active-stats/daily-active-stats.factory.js';
import type { ActiveCount } from '../repositories/daily-actives.repository.interface.js';

const FINAL_AFTER_MS = 60 * 60 * 1000;

@Injectable()
export class DauCalculationService {
  /**
   * The day's stats after a calculation; null for a day that never had anybody active.
   *
   * @param existing the stored stats, or null before the first calculation
   */
  calculate(
    day: DateKey,
    count: ActiveCount,
    existing: DailyActiveStats | null,
    now: Date,
  ): DailyActiveStats | null {
    if (existing === null) return DailyActiveStatsFactory.fromCount(day, count, now);
    existing.recalculate(count, now);
    return existing;
  }
}

/** From this moment on, 01:00 of the next day, a calculation of the day is final (until late events come in). */
export function finalFrom(day: DateKey): Date {
  return new Date(startOfDayInTimezone(addDaysToKey(day, 1)).getTime() + FINAL_AFTER_MS);
}
