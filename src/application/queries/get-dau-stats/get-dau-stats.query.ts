import { Query } from '@nestjs/cqrs';
import type { PlaceCounts } from '../../../domain/value-objects/place-counts.vo.js';

export interface DauStatsItem {
  readonly day: string;
  readonly dauCount: number;
  readonly byProvince: PlaceCounts;
  readonly byCity: PlaceCounts;
}

export interface DauStatsResult {
  /** Ascending by day; a day without actives, or not yet calculated, is absent. */
  readonly data: readonly DauStatsItem[];
  /** Number of days in `data`. */
  readonly total: number;
}

export class GetDauStatsQuery extends Query<DauStatsResult> {
  /** Days `YYYY-MM-DD`, both included, at most 366. */
  constructor(
    readonly startDate: string,
    readonly endDate: string,
  ) {
    super();
  }
}
