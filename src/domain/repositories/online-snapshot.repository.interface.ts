import type { TimeRange } from '../../shared/utils/timezone.util.js';
import type { OnlineSnapshot } from '../entities/online-snapshot.entity.js';

export const HISTORY_INTERVALS = ['1m', '5m', '1h'] as const;
export type HistoryInterval = (typeof HISTORY_INTERVALS)[number];

/** The snapshots of one stretch of time. */
export interface OnlineBucket {
  readonly start: Date;
  readonly min: number;
  readonly avg: number;
  readonly max: number;
  /** How many snapshots it holds: never 0, and fewer than its minutes when the service was away. */
  readonly samples: number;
}

export interface OnlineHistory {
  /** Ascending; a bucket without a snapshot is absent. */
  readonly buckets: readonly OnlineBucket[];
  /** The first minute with the highest count. */
  readonly peak: { readonly ts: Date; readonly onlineCount: number } | null;
}

export interface IOnlineSnapshotRepository {
  /** @returns false when the minute already had its snapshot, which then stays */
  insert(snapshot: OnlineSnapshot): Promise<boolean>;

  findHistory(range: TimeRange, interval: HistoryInterval): Promise<OnlineHistory>;
}

export const ONLINE_SNAPSHOT_REPOSITORY = Symbol('IOnlineSnapshotRepository');
