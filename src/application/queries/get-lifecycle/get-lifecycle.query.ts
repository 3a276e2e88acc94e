import { Query } from '@nestjs/cqrs';
import type { FiguresState } from '../../services/settled-days.service.js';

export interface LifecycleItem {
  readonly day: string;
  readonly dauCount: number;
  /** Active on the day for the first time. */
  readonly newCount: number;
  /** Active on the day and not new. */
  readonly returningCount: number;
  /** Returning, and not active on the day before. */
  readonly resurrectedCount: number;
  /** Active on the day before, and not on the day. */
  readonly dormantCount: number;
  readonly isFinal: boolean;
}

export interface LifecycleResult extends FiguresState {
  /** Every day of the range up to today, ascending. */
  readonly data: readonly LifecycleItem[];
  readonly total: number;
}

export class GetLifecycleQuery extends Query<LifecycleResult> {
  /** Days `YYYY-MM-DD`, both included, at most 366. */
  constructor(
    readonly startDate: string,
    readonly endDate: string,
  ) {
    super();
  }
}
