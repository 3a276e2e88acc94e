import type { DateKey } from '../../shared/utils/timezone.util.js';
import type { ActiveCount } from '../value-objects/active-count.vo.js';
import type { PendingMarks } from './daily-actives.repository.interface.js';

/** Compares the bits of a day with the event log, which is the reference. */
export interface BitsComparison {
  /** True when the bits of the day, and of every day before it, hold all that is known. */
  readonly isSettled: boolean;
  /** False when the log of the day was dropped, and nothing can be compared with it. */
  readonly hasLog: boolean;
  /** Bits of the day: its active users. */
  readonly count: ActiveCount;
  /** Bits without a name that no erasure accounts for. */
  readonly unnamed: number;
  /** Bits of new users, without an identity, that no erasure accounts for. */
  readonly unnamedNew: number;
  /** Identities of the log without a bit. */
  readonly missing: number;
  /** Bits of known identities that are not in the log of the day. */
  readonly surplus: number;
  /** Identities whose first day in the log is another one than by the bits. */
  readonly wrongFirstDays: number;
  /** Bits of new users that contradict the first day of their identity. */
  readonly wrongNewBits: number;
}

/** The bits of each day, one for each identity, from which figures over spans of days are counted. */
export interface IActiveBitsRepository {
  /**
   * Adds a day's active set to its bits and counts the bits. Bits are only ever added: those of an erased user, and of
   * a set that was dropped, stay. The cost grows with the actives; builds of all replicas run one after the other.
   *
   * @param now instant from before the call
   */
  build(day: DateKey, now: Date): Promise<ActiveCount & { readonly marks: PendingMarks }>;

  /** Compares the bits of a day with the log; null before they are built. The cost grows with the log. */
  compareWithLog(day: DateKey): Promise<BitsComparison | null>;

  /** Returns days before `today` that have stored figures and no bits, oldest first, at most `limit`. */
  findUnbuiltDays(today: DateKey, limit: number): Promise<DateKey[]>;
}

export const ACTIVE_BITS_REPOSITORY = Symbol('IActiveBitsRepository');
