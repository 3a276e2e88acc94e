import { Query } from '@nestjs/cqrs';
import type { FiguresState } from '../../services/settled-days.service.js';
import type { ActiveInterval, PlaceLevel } from '../../../shared/rules/active-interval.rule.js';

export interface ActiveUsersItem {
  readonly startDate: string;
  readonly endDate: string;
  readonly activeCount: number;
  /** Those whose first active day of all lies in the interval. */
  readonly newCount: number;
  readonly returningCount: number;
  readonly isFinal: boolean;
  readonly byProvince?: Readonly<Record<string, number>>;
  readonly byCity?: Readonly<Record<string, number>>;
}

export interface ActiveUsersResult extends FiguresState {
  readonly interval: ActiveInterval;
  /** Whole intervals, ascending; one that has not begun is absent. */
  readonly data: readonly ActiveUsersItem[];
  readonly total: number;
}

/** Options of a {@link GetActiveUsersQuery}; at most one of them. */
export interface ActiveUsersOptions {
  /** Adds the counts of each place; for the interval `span` only. */
  readonly breakdown?: PlaceLevel | undefined;
  readonly province?: string | undefined;
  readonly city?: string | undefined;
}

export class GetActiveUsersQuery extends Query<ActiveUsersResult> {
  /** Days `YYYY-MM-DD`, both included, at most 366. */
  constructor(
    readonly startDate: string,
    readonly endDate: string,
    readonly interval: ActiveInterval,
    readonly options: ActiveUsersOptions = {},
  ) {
    super();
  }
}
