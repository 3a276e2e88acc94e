import type { DateKey } from '../../shared/utils/timezone.util.js';
import type { ActiveCount } from '../value-objects/active-count.vo.js';

/** Ids of the marks a count has seen: once it is stored they are settled, and only they. */
export type PendingMarks = readonly bigint[];

/** The set of who was active on which day, written with the log and exact at any moment. */
export interface IDailyActivesRepository {
  /** Counts a day's actives; costs by actives, not by events. For calculations: may take minutes on a huge day. */
  count(day: DateKey): Promise<ActiveCount & { readonly marks: PendingMarks }>;

  /** Counts within the time limit of a request, or fails as unavailable. */
  countNow(day: DateKey): Promise<ActiveCount>;

  /** The day's identities in pages of at most `limit`, in order, those after `after`. */
  listIdentities(day: DateKey, after: string, limit: number): Promise<string[]>;

  /**
   * Days before `today` whose stored DAU may be out of date, oldest first, at most `limit`: they gained actives since
   * they were last calculated, or were last calculated before they were final.
   */
  findDueDays(today: DateKey, now: Date, limit: number): Promise<DateKey[]>;
}

export const DAILY_ACTIVES_REPOSITORY = Symbol('IDailyActivesRepository');
