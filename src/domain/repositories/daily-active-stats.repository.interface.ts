import type { DateKey } from '../../shared/utils/timezone.util.js';
import type { DailyActiveStats } from '../aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import type { PlaceFilter } from '../value-objects/place-filter.vo.js';
import type { StoredDau } from '../value-objects/stored-dau.vo.js';
import type { PendingMarks } from './daily-actives.repository.interface.js';

export interface IDailyActiveStatsRepository {
  /**
   * Stores the figures and the aggregate's events (outbox), and deletes `marks`, in one statement. A version that is
   * stored already gets a later `calculatedAt` only.
   *
   * @throws ApplicationException `dau_version_conflict` when another calculation stored a version in between
   */
  upsert(stats: DailyActiveStats, marks: PendingMarks): Promise<void>;

  /** Deletes marks of a day whose figures stay as they are. */
  settle(marks: PendingMarks): Promise<void>;

  /** Returns the days from `first` to `last` that gained actives since their last calculation, in any order. */
  findPendingDays(first: DateKey, last: DateKey): Promise<DateKey[]>;

  findByDate(day: DateKey): Promise<DailyActiveStats | null>;

  /**
   * Returns the stored days from `first` to `last`, both included, ascending; they are shown, never recalculated.
   *
   * @param place leaves the figure of this place alone, as the count of the day and in its breakdown
   */
  findByDateRange(first: DateKey, last: DateKey, place?: PlaceFilter | null): Promise<StoredDau[]>;
}

export const DAILY_ACTIVE_STATS_REPOSITORY = Symbol('IDailyActiveStatsRepository');
