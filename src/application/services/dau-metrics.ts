import { PROVINCE_NAMES } from '../../domain/value-objects/province-names.js';
import {
  cityActiveUsers,
  dauByDay,
  OTHER_PLACES,
  provinceActiveUsers,
  TOP_CITIES,
  type FigureDay,
} from '../../shared/metrics/figure-metrics.js';
import type { DauStatsItem } from '../queries/get-dau-stats/get-dau-stats.query.js';

interface DayNames {
  /** `today` or `yesterday` */
  readonly nameOf: (day: string) => FigureDay;
  /** Time until these names mean other days. */
  readonly forMs: number;
}

/** Exports the DAU of each day, with the date as a label: a bar for each, provisional ones apart. */
export function setDauByDay(days: readonly DauStatsItem[], forMs: number): void {
  dauByDay.replace(
    days.map(({ day, dauCount, isFinal }) => ({
      of: [day, isFinal ? 'final' : 'provisional'],
      value: dauCount,
    })),
    { forMs },
  );
}

/** Exports the active users of all provinces and of the largest cities, of today and yesterday. */
export function setPlaces(days: readonly DauStatsItem[], { nameOf, forMs }: DayNames): void {
  for (const { day, byProvince } of days) setProvinces(byProvince.toJSON(), nameOf(day), forMs);
  cityActiveUsers.replace(
    days.flatMap(({ day, byCity }) =>
      largest(byCity.toJSON()).map(([city, value]) => ({ of: [city, nameOf(day)], value })),
    ),
    { forMs },
  );
}

function setProvinces(counts: Readonly<Record<string, number>>, day: FigureDay, forMs: number): void {
  const rest = new Map(Object.entries(counts));
  for (const province of PROVINCE_NAMES) {
    provinceActiveUsers.set(rest.get(province) ?? 0, { of: [province, day], forMs });
    rest.delete(province);
  }
  const other = [...rest.values()].reduce((sum, count) => sum + count, 0);
  provinceActiveUsers.set(other, { of: [OTHER_PLACES, day], forMs });
}

/** Equal counts are in the order of their names, so that every replica exports the same cities. */
function largest(counts: Readonly<Record<string, number>>): [city: string, count: number][] {
  return Object.entries(counts)
    .sort(([cityA, a], [cityB, b]) => b - a || (cityA < cityB ? -1 : 1))
    .slice(0, TOP_CITIES);
}
