import type { DateKey } from '../../shared/utils/timezone.util.js';
import type { DailyActiveStats } from '../aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import type { StoredDau } from '../value-objects/stored-dau.vo.js';
import type { PendingMarks } from './daily-actives.repository.interface.js';

export interface IDailyActiveStatsRepository {
  /**
   * Stores the figures, the events the aggregate raised (outbox) and the settling of `marks` in one piece.
   *
   * @throws ApplicationException `dau_version_conflict` when somebody else stored this version first
   */
  upsert(stats: DailyActiveStats, marks: PendingMarks): Promise<void>;

  findByDate(day: DateKey): Promise<DailyActiveStats | null>;

  /** Stored days from `first` to `last`, both included, ascending; to be shown, and therefore no aggregates. */
  findByDateRange(first: DateKey, last: DateKey): Promise<StoredDau[]>;
}

export const DAILY_ACTIVE_STATS_REPOSITORY = Symbol('IDailyActiveStatsRepository');
