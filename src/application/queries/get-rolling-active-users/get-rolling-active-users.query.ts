import { Query } from '@nestjs/cqrs';
import type { FiguresState } from '../../services/settled-days.service.js';

/** At most one of them. */
export interface PlaceParameters {
  readonly province?: string | undefined;
  readonly city?: string | undefined;
}

export interface RollingActiveUsersItem {
  readonly day: string;
  /** Distinct users of the window that ends on the day. */
  readonly activeCount: number;
  readonly dauCount: number;
  /** DAU divided by the active users of 30 days; 0 without any. Present with that window only. */
  readonly stickiness?: number;
  readonly isFinal: boolean;
}

export interface RollingActiveUsersResult extends FiguresState {
  readonly window: number;
  /** Every day of the range up to today, ascending. */
  readonly data: readonly RollingActiveUsersItem[];
  readonly total: number;
}

export class GetRollingActiveUsersQuery extends Query<RollingActiveUsersResult> {
  /** Days `YYYY-MM-DD`, both included, at most 366; a window of 1 to 366 days. */
  constructor(
    readonly startDate: string,
    readonly endDate: string,
    readonly window: number,
    readonly place: PlaceParameters = {},
  ) {
    super();
  }
}
