import { Query } from '@nestjs/cqrs';
import type { FiguresState } from '../../services/settled-days.service.js';
import type { Cohort } from '../../../shared/rules/active-interval.rule.js';

export interface RetainedItem {
  /** Days after the day of the cohort. */
  readonly after: number;
  readonly count: number;
  /** Count divided by the size of the cohort; 0 for an empty one. */
  readonly rate: number;
}

export interface RetentionItem {
  readonly day: string;
  readonly cohortSize: number;
  /** Ascending; a day that is not over yet is absent. */
  readonly retained: readonly RetainedItem[];
}

export interface RetentionResult extends FiguresState {
  readonly cohort: Cohort;
  /** Every day of the range up to today, ascending. */
  readonly data: readonly RetentionItem[];
  readonly total: number;
}

export class GetRetentionQuery extends Query<RetentionResult> {
  /**
   * @param startDate day `YYYY-MM-DD`; with `endDate` at most 366 days, both included
   * @param after numbers of days, ascending, 1 to 366 each
   */
  constructor(
    readonly startDate: string,
    readonly endDate: string,
    readonly cohort: Cohort,
    readonly after: readonly number[],
  ) {
    super();
  }
}
