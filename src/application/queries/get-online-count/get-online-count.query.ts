import { Query } from '@nestjs/cqrs';

export interface OnlineCountResult {
  readonly count: number;
  /** True when a part of the store did not answer: then at least so many users are online. */
  readonly isPartial: boolean;
  /** Share of the users that the count could see, above 0 and at most 1. */
  readonly coverage: number;
  readonly windowSeconds: number;
  readonly queriedAt: Date;
}

export class GetOnlineCountQuery extends Query<OnlineCountResult> {}
