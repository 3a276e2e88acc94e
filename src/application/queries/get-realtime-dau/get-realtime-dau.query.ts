import { Query } from '@nestjs/cqrs';

export interface RealtimeDauResult {
  /** Today in Asia/Shanghai. */
  readonly day: string;
  readonly dauCount: number;
  readonly method: 'hyperloglog';
  /** Relative standard error: 95 % of answers lie within twice this value. */
  readonly standardError: number;
  readonly queriedAt: Date;
}

export class GetRealtimeDauQuery extends Query<RealtimeDauResult> {}
