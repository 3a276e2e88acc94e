import { DailyActiveStats } from '../../../domain/aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import type { DailyActiveStatsModel } from '../prisma/generated/models.js';

export function toDailyActiveStats(row: DailyActiveStatsModel): DailyActiveStats {
  return DailyActiveStats.reconstitute({
    day: fromDateColumn(row.day),
    dauCount: row.dauCount,
    dauByProvince: toCounts(row.dauByProvince),
    dauByCity: toCounts(row.dauByCity),
    calculatedAt: row.calculatedAt,
    version: row.version,
  });
}

/** Prisma reads and writes a `date` as midnight UTC of that day. */
export function toDateColumn(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

function fromDateColumn(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function toCounts(json: unknown): Map<string, number> {
  if (json === null || typeof json !== 'object') return new Map();
  return new Map(Object.entries(json).map(([place, count]) => [place, Number(count)]));
}
