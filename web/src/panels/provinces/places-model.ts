import type { CsvRow } from '../../api/csv-rows.js';
import { PROVINCES } from '../../state/provinces.js';
import { provinceOfCity } from './city-places.js';

/** A place and how many distinct users were seen there. */
export interface PlaceCount {
  readonly name: string;
  readonly count: number;
}

const KNOWN = new Set(PROVINCES.map(({ name }) => name));

/** Returns places with their counts, the largest first; equal ones by name. */
export function rankPlaces(counts: Readonly<Record<string, number>>): PlaceCount[] {
  return Object.entries(counts)
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

/** Returns all 34 provinces, also those without a user, and apart from them the places that are none. */
export function rankProvinces(counts: Readonly<Record<string, number>>): {
  readonly provinces: PlaceCount[];
  readonly others: PlaceCount[];
  /** The largest count of a province, which gets the strongest shade. */
  readonly max: number;
} {
  const all = Object.fromEntries(PROVINCES.map(({ name }) => [name, counts[name] ?? 0]));
  const provinces = rankPlaces(all);
  return {
    provinces,
    max: provinces[0]?.count ?? 0,
    others: rankPlaces(counts).filter(({ name }) => !KNOWN.has(name)),
  };
}

/**
 * Returns the cities of a province in their order.
 *
 * @returns also how many names belong to no province that the page knows
 */
export function citiesIn(
  province: string,
  ranked: readonly PlaceCount[],
): { readonly cities: PlaceCount[]; readonly unplaced: number } {
  return {
    cities: ranked.filter(({ name }) => provinceOfCity(name)?.name === province),
    unplaced: ranked.filter(({ name }) => provinceOfCity(name) === undefined).length,
  };
}

/** Tells whether a record of the CSV is a city that the page shows: of the province, or of the country. */
export function isCityRecord({ level, place = '' }: CsvRow, province: string | null): boolean {
  return level === 'city' && (province === null || provinceOfCity(place)?.name === province);
}

/** Tells whether a record of the CSV is a place that the panel shows: the total is none. */
export function isProvinceRecord({ level }: CsvRow): boolean {
  return level === 'province';
}

/** Returns records for the provinces without a user, which the panel shows and the service leaves out. */
export function provincesWithoutUsers(records: readonly CsvRow[]): CsvRow[] {
  const [total] = records;
  if (total === undefined) return [];
  const present = new Set(records.filter(isProvinceRecord).map(({ place }) => place));
  const empty = { level: 'province', activeCount: '0', newCount: '', returningCount: '' };
  return PROVINCES.filter(({ name }) => !present.has(name)).map(({ name }) => ({
    ...total,
    ...empty,
    place: name,
  }));
}
