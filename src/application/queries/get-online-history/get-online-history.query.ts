import { Query } from '@nestjs/cqrs';
import type { HistoryInterval } from '../../../shared/rules/history-interval.rule.js';
import type { OnlineHistory } from '../../../domain/value-objects/online-history.vo.js';

export interface OnlineHistoryResult extends OnlineHistory {
  readonly interval: HistoryInterval;
}

export class GetOnlineHistoryQuery extends Query<OnlineHistoryResult> {
  /** The span is half-open: `startTime` is included, `endTime` is not. */
  constructor(
    readonly startTime: Date,
    readonly endTime: Date,
    readonly interval: HistoryInterval,
  ) {
    super();
  }
}
