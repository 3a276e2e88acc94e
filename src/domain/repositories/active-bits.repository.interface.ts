import type { DateKey } from '../../shared/utils/timezone.util.js';
import type { ActiveCount } from '../value-objects/active-count.vo.js';
import type { PendingMarks } from './daily-actives.repository.interface.js';

/** Compares the bits of a day with the event log. Counts are 0 when they agree. */
export interface BitsComparison {
  /** True when the day is final and its bits hold all that is known of it. */
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
  /** Identities of the log whose first day is a later one in the dictionary. */
  readonly wrongFirstDays: number;
  /** Bits of new users that contradict the first day of their identity. */
  readonly wrongNewBits: number;
}

/** Compares the new users of a day with the bits of all earlier days. */
export interface NewUsersComparison {
  readonly day: DateKey;
  /** Users without a bit as new ones, though no earlier day has a bit of them. */
  readonly missing: number;
  /** Users with a bit as new ones, though they were active earlier, or not on the day. */
  readonly surplus: number;
}

/** Compares the first days of identities in the dictionary with those in the event log. */
export interface FirstDaysComparison {
  /** Days that differ, ascending. */
  readonly differences: readonly {
    readonly day: DateKey;
    /** Identities whose first day in the log it is, and not in the dictionary. */
    readonly missing: number;
    /** Identities whose first day in the dictionary it is, and that the log has on another day or not at all. */
    readonly surplus: number;
  }[];
  /** Days with bits whose log was dropped, in whole or in part: the dictionary alone knows who was new. */
  readonly withoutLog: readonly DateKey[];
  /** Days with bits that may lag behind their log: they are not final, or changed during the comparison. */
  readonly unsettled: readonly DateKey[];
}

/** Compares the union of a week with its days. */
export interface WeekComparison {
  /** Monday. */
  readonly week: DateKey;
  /** Users of its days that the week lacks, and users of the week that none of its days has. */
  readonly missing: number;
  readonly surplus: number;
  /** Lists of a place and bucket that differ. */
  readonly places: number;
}

export interface BuiltCount extends ActiveCount {
  readonly marks: PendingMarks;
  /** Instant from before the count: events that arrive during it make the count look older, never newer. */
  readonly countedAt: Date;
}

/** The bits of each day, one for each identity, from which figures over spans of days are counted. */
export interface IActiveBitsRepository {
  /**
   * Adds a day's active set to its bits and counts the bits. Bits are only ever added: those of an erased user, and of
   * a set that was dropped, stay. The cost grows with the actives; builds of all replicas run one after the other.
   *
   * @param readClock called once, after the wait for other builds and before the count
   */
  build(day: DateKey, readClock: () => Date): Promise<BuiltCount>;

  /** Compares the bits of a day with the log; null before they are built. The cost grows with the log. */
  compareWithLog(day: DateKey): Promise<BitsComparison | null>;

  /** Returns by how much a build would raise each count: what the day's active set holds and its bits lack. */
  compareWithSet(day: DateKey): Promise<ActiveCount>;

  /**
   * Compares the new users of each day of a span with the days on which each user was active, by the bits of all days
   * before. The cost grows with the user-days up to `last`, however many days are asked for; the log is not read.
   *
   * @param onStep is told after each of a fixed number of steps
   * @returns the days that differ, ascending
   */
  compareNewUsers(
    first: DateKey,
    last: DateKey,
    onStep?: (done: number, of: number) => void,
  ): Promise<NewUsersComparison[]>;

  /**
   * Compares the first day of each identity with the first one in the log up to `last`. Shows a bit of an earlier day
   * that hides a new user of the span. The cost grows with the log and the identities, which are compared in steps.
   *
   * @param onStep is told after each of a fixed number of steps
   */
  compareFirstDays(
    first: DateKey,
    last: DateKey,
    onStep?: (done: number, of: number) => void,
  ): Promise<FirstDaysComparison>;

  /** Returns days before `today` that have stored figures and no bits, oldest first, at most `limit`. */
  findUnbuiltDays(today: DateKey, limit: number): Promise<DateKey[]>;

  /** Returns Mondays of weeks before this one that were built after they were united, newest first, at most `limit`. */
  findWeeks(today: DateKey, limit: number): Promise<DateKey[]>;

  /** Unites the days of a week, from which longer spans are counted until one of its days is built again. */
  uniteWeek(week: DateKey): Promise<void>;

  /** Returns the weeks touching the span that are in use and differ from their days. */
  compareWeeks(first: DateKey, last: DateKey): Promise<WeekComparison[]>;
}

export const ACTIVE_BITS_REPOSITORY = Symbol('IActiveBitsRepository');
