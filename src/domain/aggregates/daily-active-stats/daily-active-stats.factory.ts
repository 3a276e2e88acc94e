import type { DateKey } from '../../../shared/utils/timezone.util.js';
import type { ActiveCount } from '../../value-objects/active-count.vo.js';
import { DailyActiveStats } from './daily-active-stats.aggregate.js';

export const DailyActiveStatsFactory = {
  /** The first stats of a day. A day nobody was active on has none: neither a row nor an event. */
  fromCount(day: DateKey, count: ActiveCount, now: Date): DailyActiveStats | null {
    return count.total === 0 ? null : DailyActiveStats.create(day, count, now);
  },
};
