import type { DateKey } from '../../shared/utils/timezone.util.js';
import type { ActiveCount } from '../value-objects/active-count.vo.js';

/** Ids of the marks that a count has read: storing the count deletes these marks and no others. */
export type PendingMarks = readonly bigint[];

/** The active set: the identities active on each day, written with the event log and always exact. */
export interface IDailyActivesRepository {
  /** Counts a day's actives for a calculation; the cost grows with the actives and may reach minutes. */
  count(day: DateKey): Promise<ActiveCount & { readonly marks: PendingMarks }>;

  /** Counts a day's actives for a request. @throws ApplicationException `database_unavailable`, `database_too_slow` */
  countNow(day: DateKey): Promise<ActiveCount>;

  /** True when the active set of the day was dropped: what the set has came later, and the bits hold the rest. */
  wasDropped(day: DateKey): Promise<boolean>;

  /**
   * Returns the number of each day's actives, 0 for a day without any. Takes the stored figure of a final day that
   * gained nobody since, so that the cost is that of the days that still change.
   */
  readTotals(days: readonly DateKey[]): Promise<ReadonlyMap<DateKey, number>>;

  /** Returns the day's next identities after `after`, in order, at most `limit`. */
  listIdentities(day: DateKey, after: string, limit: number): Promise<string[]>;

  /**
   * Returns days before `today` whose stored DAU may be out of date, oldest first, at most `limit`. Such a day
   * gained actives after its last calculation, or was last calculated before it was final.
   */
  findDueDays(today: DateKey, now: Date, limit: number): Promise<DateKey[]>;
}

export const DAILY_ACTIVES_REPOSITORY = Symbol('IDailyActivesRepository');
