import { Query } from '@nestjs/cqrs';
import type { OnlinePeak } from '../../../domain/value-objects/daily-online.vo.js';

export interface DailyOnlineItem {
  readonly day: string;
  /** The day's first minute with the highest count (PCU); null without a snapshot. */
  readonly peak: OnlinePeak | null;
  /** Mean of the day's snapshots (ACU); null without any. */
  readonly average: number | null;
  readonly samples: number;
  /** Minutes of the day, up to now, without a snapshot. */
  readonly missedMinutes: number;
  /** False for today, and for yesterday until 01:00. */
  readonly isFinal: boolean;
}

export interface DailyOnlineResult {
  /** Ascending by day, from the day of the first snapshot of all time to today. */
  readonly data: readonly DailyOnlineItem[];
  /** The last snapshot of the range; null without any. */
  readonly lastSnapshotAt: Date | null;
  /** The highest count of all time; null before the first snapshot. */
  readonly record: OnlinePeak | null;
}

export class GetDailyOnlineQuery extends Query<DailyOnlineResult> {
  /** Days `YYYY-MM-DD`, both included, at most 366. */
  constructor(
    readonly startDate: string,
    readonly endDate: string,
  ) {
    super();
  }
}
