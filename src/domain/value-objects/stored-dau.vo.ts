import type { DateKey } from '../../shared/utils/timezone.util.js';
import type { PlaceCounts } from './place-counts.vo.js';

/** The figures of a day as they were stored. */
export interface StoredDau {
  readonly day: DateKey;
  readonly dauCount: number;
  readonly byProvince: PlaceCounts;
  readonly byCity: PlaceCounts;
  readonly calculatedAt: Date;
  readonly version: number;
}
