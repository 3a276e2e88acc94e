import type { HistoryInterval } from '../../shared/rules/history-interval.rule.js';
import type { TimeRange } from '../../shared/utils/timezone.util.js';
import type { OnlineSnapshot } from '../entities/online-snapshot.entity.js';
import type { OnlineHistory } from '../value-objects/online-history.vo.js';

export interface IOnlineSnapshotRepository {
  /** Keeps the first snapshot of a minute. @returns false when the minute had one already */
  insert(snapshot: OnlineSnapshot): Promise<boolean>;

  findHistory(range: TimeRange, interval: HistoryInterval): Promise<OnlineHistory>;
}

export const ONLINE_SNAPSHOT_REPOSITORY = Symbol('IOnlineSnapshotRepository');
