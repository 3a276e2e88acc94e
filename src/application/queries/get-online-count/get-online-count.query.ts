import { Query } from '@nestjs/cqrs';

export interface OnlineCountResult {
  readonly count: number;
  readonly windowSeconds: number;
  readonly queriedAt: Date;
}

export class GetOnlineCountQuery extends Query<OnlineCountResult> {}
