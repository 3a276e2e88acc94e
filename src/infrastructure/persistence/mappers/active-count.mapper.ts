import type { ActiveCount } from '../../../domain/value-objects/active-count.vo.js';

/** Values of the column `level`, in the active set and in counts. */
export const ACTIVE_LEVEL = { total: 0, province: 1, city: 2 } as const;

export interface ActiveCountRow {
  readonly level: number;
  readonly place: string;
  readonly n: number;
}

export function toActiveCount(rows: readonly ActiveCountRow[]): ActiveCount {
  let total = 0;
  const byProvince = new Map<string, number>();
  const byCity = new Map<string, number>();
  for (const { level, place, n } of rows) {
    if (level === ACTIVE_LEVEL.total) total = n;
    else if (level === ACTIVE_LEVEL.province) byProvince.set(place, n);
    else byCity.set(place, n);
  }
  return { total, byProvince, byCity };
}
