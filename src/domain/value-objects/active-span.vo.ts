import type { DateKey } from '../../shared/utils/timezone.util.js';

/** Days from `first` to `last`, both included. */
export interface DaySpan {
  readonly first: DateKey;
  readonly last: DateKey;
}

/** Distinct identities of a span, and those of them whose first active day lies in it. */
export interface SpanCount {
  readonly activeCount: number;
  readonly newCount: number;
}

/** Distinct identities of the window that ends on a day, and of the day alone. */
export interface RollingCount {
  readonly day: DateKey;
  readonly activeCount: number;
  readonly dauCount: number;
}

export interface DayFlow {
  readonly day: DateKey;
  readonly dauCount: number;
  readonly newCount: number;
  /** Those active on the day before as well. */
  readonly keptCount: number;
}

export interface CohortRow {
  readonly day: DateKey;
  readonly cohortSize: number;
  /** Number of the cohort that was active so many days later, by that number. */
  readonly retained: ReadonlyMap<number, number>;
}
