import { Query } from '@nestjs/cqrs';
import type {
  HistoryInterval,
  OnlineHistory,
} from '../../../domain/repositories/online-snapshot.repository.interface.js';

export interface OnlineHistoryResult extends OnlineHistory {
  readonly interval: HistoryInterval;
}

export class GetOnlineHistoryQuery extends Query<OnlineHistoryResult> {
  /** The span is half-open: snapshots from `startTime` on, before `endTime`. */
  constructor(
    readonly startTime: Date,
    readonly endTime: Date,
    readonly interval: HistoryInterval,
  ) {
    super();
  }
}
