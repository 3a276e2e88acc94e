import { DailyActiveStats } from '../../../domain/aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import type { PlaceFilter } from '../../../domain/value-objects/place-filter.vo.js';
import type { StoredDau } from '../../../domain/value-objects/stored-dau.vo.js';
import { PlaceCounts } from '../../../domain/value-objects/place-counts.vo.js';
import { toInstant } from './instant.js';

export function toDailyActiveStats(row: StoredDauRow): DailyActiveStats {
  return DailyActiveStats.reconstitute({
    day: row.day,
    dauCount: row.dau_count,
    dauByProvince: toPlaceCounts(row.dau_by_province),
    dauByCity: toPlaceCounts(row.dau_by_city),
    calculatedAt: toInstant(row.calculated_ms),
    version: row.version,
  });
}

/** Row of a raw statement, with the breakdowns as JSON text. */
export interface StoredDauRow {
  readonly day: string;
  readonly dau_count: number;
  readonly dau_by_province: string | null;
  readonly dau_by_city: string | null;
  readonly calculated_ms: bigint | string;
  readonly version: number;
}

export function toStoredDau(row: StoredDauRow): StoredDau {
  return {
    day: row.day,
    dauCount: row.dau_count,
    byProvince: PlaceCounts.fromStored(row.dau_by_province),
    byCity: PlaceCounts.fromStored(row.dau_by_city),
    calculatedAt: toInstant(row.calculated_ms),
    version: row.version,
  };
}

/** @param row with the count of the place, and no breakdown */
export function toStoredDauOfPlace(row: StoredDauRow, filter: PlaceFilter): StoredDau {
  return { ...toStoredDau(row), ...filter.breakdownOf(row.dau_count) };
}

/** Returns midnight UTC of the day: Prisma reads and writes a `date` so. */
export function toDateColumn(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

function toPlaceCounts(json: string | null): Map<string, number> {
  const counts = JSON.parse(json ?? 'null') as Record<string, number> | null;
  return new Map(Object.entries(counts ?? {}));
}
