import type { HistoryInterval } from '../../shared/rules/history-interval.rule.js';
import type { DateKey, TimeRange } from '../../shared/utils/timezone.util.js';
import type { OnlineSnapshot } from '../entities/online-snapshot.entity.js';
import type { DailyOnline, OnlinePeak } from '../value-objects/daily-online.vo.js';
import type { OnlineHistory } from '../value-objects/online-history.vo.js';

export interface IOnlineSnapshotRepository {
  /** Keeps the first snapshot of a minute. @returns false when the minute had one already */
  insert(snapshot: OnlineSnapshot): Promise<boolean>;

  findHistory(range: TimeRange, interval: HistoryInterval): Promise<OnlineHistory>;

  /**
   * Summarizes each day from `first` to `last`, both included, ascending. A day without a snapshot is absent before the
   * day of the first one of all time, and unless a minute of it is over.
   *
   * @param minute start of the minute that is not over yet
   */
  findDaily(first: DateKey, last: DateKey, minute: Date): Promise<DailyOnline[]>;

  /** Returns the latest snapshot of the days from `first` to `last`, both included; null without any. */
  findLastInstant(first: DateKey, last: DateKey): Promise<Date | null>;

  /** Returns the first minute with the highest count of all time; null without any snapshot. */
  findRecord(): Promise<OnlinePeak | null>;
}

export const ONLINE_SNAPSHOT_REPOSITORY = Symbol('IOnlineSnapshotRepository');
