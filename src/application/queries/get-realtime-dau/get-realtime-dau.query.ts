import { Query } from '@nestjs/cqrs';

export interface RealtimeDauResult {
  /** Today in Asia/Shanghai. */
  readonly day: string;
  readonly dauCount: number;
  readonly method: 'hyperloglog';
  /** Relative: about two thirds of all answers are within it, 95 % within twice of it. */
  readonly standardError: number;
  readonly queriedAt: Date;
}

export class GetRealtimeDauQuery extends Query<RealtimeDauResult> {}
