import { dayRange, minuteOf, type DateKey } from '../../shared/utils/timezone.util.js';

const MINUTE_MS = 60_000;

/** The first minute with the highest count. */
export interface OnlinePeak {
  readonly ts: Date;
  readonly onlineCount: number;
}

/** The snapshots of one day: PCU is the peak's count, ACU the average. */
export interface DailyOnline {
  readonly day: DateKey;
  /** Null on a day without a snapshot. */
  readonly peak: OnlinePeak | null;
  /** Mean of the day's snapshots; null on a day without any. */
  readonly average: number | null;
  readonly samples: number;
  /** Snapshots of those minutes that were over when the day was read. */
  readonly samplesOfPast: number;
}

/** Counts the minutes of the day, up to the minute of `now`, without a snapshot. */
export function countMissedMinutes({ day, samplesOfPast }: DailyOnline, now: Date): number {
  const { start, end } = dayRange(day);
  const until = Math.min(end.getTime(), minuteOf(now, 0).getTime());
  return Math.max(0, (until - start.getTime()) / MINUTE_MS - samplesOfPast);
}
