import type { DateKey } from '../../../shared/utils/timezone.util.js';
import type { ActiveCount } from '../../value-objects/active-count.vo.js';
import { DailyActiveStats } from './daily-active-stats.aggregate.js';

export const DailyActiveStatsFactory = {
  /**
   * Creates the first stats of a day; null for a day without actives, which has neither a row nor an event.
   */
  fromCount(day: DateKey, count: ActiveCount, now: Date): DailyActiveStats | null {
    return count.total === 0 ? null : DailyActiveStats.create(day, count, now);
  },
};
