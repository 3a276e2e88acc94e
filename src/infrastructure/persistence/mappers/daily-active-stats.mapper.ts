import { DailyActiveStats } from '../../../domain/aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import type { StoredDau } from '../../../domain/value-objects/stored-dau.vo.js';
import { PlaceCounts } from '../../../domain/value-objects/place-counts.vo.js';
import type { DailyActiveStatsModel } from '../prisma/generated/models.js';

export function toDailyActiveStats(row: DailyActiveStatsModel): DailyActiveStats {
  return DailyActiveStats.reconstitute({
    day: fromDateColumn(row.day),
    dauCount: row.dauCount,
    dauByProvince: toPlaceCounts(row.dauByProvince),
    dauByCity: toPlaceCounts(row.dauByCity),
    calculatedAt: row.calculatedAt,
    version: row.version,
  });
}

/** Row of a raw statement, with the breakdowns as JSON text. */
export interface StoredDauRow {
  readonly day: string;
  readonly dau_count: number;
  readonly dau_by_province: string | null;
  readonly dau_by_city: string | null;
  readonly calculated_at: Date;
}

export function toStoredDau(row: StoredDauRow): StoredDau {
  return {
    day: row.day,
    dauCount: row.dau_count,
    byProvince: PlaceCounts.fromStored(row.dau_by_province),
    byCity: PlaceCounts.fromStored(row.dau_by_city),
    calculatedAt: row.calculated_at,
  };
}

/** Returns midnight UTC of the day: Prisma reads and writes a `date` so. */
export function toDateColumn(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

function fromDateColumn(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function toPlaceCounts(json: unknown): Map<string, number> {
  if (json === null || typeof json !== 'object') return new Map();
  return new Map(Object.entries(json).map(([place, count]) => [place, Number(count)]));
}
