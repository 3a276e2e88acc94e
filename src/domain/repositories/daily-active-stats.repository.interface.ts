import type { DateKey } from '../../shared/utils/timezone.util.js';
import type { DailyActiveStats } from '../aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import type { StoredDau } from '../value-objects/stored-dau.vo.js';
import type { PendingMarks } from './daily-actives.repository.interface.js';

export interface IDailyActiveStatsRepository {
  /**
   * Stores the figures and the aggregate's events (outbox), and deletes `marks`, in one statement.
   *
   * @throws ApplicationException `dau_version_conflict` when another calculation stored this version first
   */
  upsert(stats: DailyActiveStats, marks: PendingMarks): Promise<void>;

  /** Deletes marks of a day whose figures stay as they are. */
  settle(marks: PendingMarks): Promise<void>;

  findByDate(day: DateKey): Promise<DailyActiveStats | null>;

  /** Returns the stored days from `first` to `last`, both included, ascending; they are shown, never recalculated. */
  findByDateRange(first: DateKey, last: DateKey): Promise<StoredDau[]>;
}

export const DAILY_ACTIVE_STATS_REPOSITORY = Symbol('IDailyActiveStatsRepository');
