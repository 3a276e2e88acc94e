import type { DateKey } from '../../shared/utils/timezone.util.js';
import type { ActiveCount } from '../value-objects/active-count.vo.js';
import type { PendingMarks } from './daily-actives.repository.interface.js';

/** The bits of each day, one for each identity, from which figures over spans of days are counted. */
export interface IActiveBitsRepository {
  /**
   * Adds a day's active set to its bits and counts the bits. Bits are only ever added: those of an erased user, and of
   * a set that was dropped, stay. The cost grows with the actives; builds of all replicas run one after the other.
   *
   * @param now instant from before the call
   */
  build(day: DateKey, now: Date): Promise<ActiveCount & { readonly marks: PendingMarks }>;

  /** Returns days before `today` that have stored figures and no bits, oldest first, at most `limit`. */
  findUnbuiltDays(today: DateKey, limit: number): Promise<DateKey[]>;
}

export const ACTIVE_BITS_REPOSITORY = Symbol('IActiveBitsRepository');
