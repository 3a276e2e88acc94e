import { Injectable } from '@nestjs/common';
import { DomainException } from '../../shared/exceptions/domain.exception.js';
import type { DateKey } from '../../shared/utils/timezone.util.js';
import type { DailyActiveStats } from '../aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import { DailyActiveStatsFactory } from '../aggregates/daily-active-stats/daily-active-stats.factory.js';
import type { ActiveCount } from '../value-objects/active-count.vo.js';

@Injectable()
export class DauCalculationService {
  /**
   * Returns the day's stats after a calculation; null for a day that never had an active.
   *
   * @param existing the stored stats, or null before the first calculation
   * @throws DomainException `actives_missing` when the day's active set was dropped after it was counted
   */
  calculate(
    day: DateKey,
    count: ActiveCount,
    existing: DailyActiveStats | null,
    now: Date,
  ): DailyActiveStats | null {
    if (existing === null) return DailyActiveStatsFactory.fromCount(day, count, now);
    if (count.total === 0 && existing.dauCount > 0) {
      // Actives are only ever added: an empty set was dropped by retention, and its figures stay.
      throw new DomainException('actives_missing', {
        detail: `The active set of ${day} is empty though ${existing.dauCount} were counted; the stored figures are kept`,
      });
    }
    existing.recalculate(count, now);
    return existing;
  }
}
