import { Query } from '@nestjs/cqrs';
import type { PlaceCounts } from '../../../domain/value-objects/place-counts.vo.js';

export interface DauStatsItem {
  readonly day: string;
  readonly dauCount: number;
  readonly byProvince: PlaceCounts;
  readonly byCity: PlaceCounts;
  /** False until the day was calculated at 01:00 of the next one; late events may still raise the version. */
  readonly isFinal: boolean;
  /** Counts stored calculations that changed a figure, from 1; the figures of a provisional day may be newer. */
  readonly version: number;
  /** Instant of the count; null for a day that never had an active. */
  readonly calculatedAt: Date | null;
}

export interface DauStatsResult {
  /** Ascending by day; a day without actives, or not yet calculated, is absent unless zero days were asked for. */
  readonly data: readonly DauStatsItem[];
  /** Number of days in `data`. */
  readonly total: number;
}

export interface DauStatsOptions {
  /** Answers 0 for a day without actives, up to today. */
  readonly zeroDays?: boolean | undefined;
  /** Counts the actives of one place alone; not both. */
  readonly province?: string | undefined;
  readonly city?: string | undefined;
  /** Leaves the days that were calculated later than this instant. */
  readonly changedSince?: Date | undefined;
}

export class GetDauStatsQuery extends Query<DauStatsResult> {
  /** Days `YYYY-MM-DD`, both included, at most 366. */
  constructor(
    readonly startDate: string,
    readonly endDate: string,
    readonly options: DauStatsOptions = {},
  ) {
    super();
  }
}
