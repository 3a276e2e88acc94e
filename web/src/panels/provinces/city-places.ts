import { PROVINCES, type Province } from '../../state/provinces.js';
import { CITIES_BY_PROVINCE } from './city-names.js';

interface KnownCity {
  readonly province: Province;
  readonly english: string;
}

const KNOWN: ReadonlyMap<string, KnownCity> = new Map(
  PROVINCES.flatMap((province) =>
    (CITIES_BY_PROVINCE[province.iso] ?? '').split(', ').map((entry): [string, KnownCity] => {
      const [name = '', english = ''] = entry.split('=');
      return [name, { province, english }];
    }),
  ),
);

/**
 * Returns the province of a city; undefined for a name that is no city of the list. The service counts cities by
 * their name alone, so the page has to know where they are.
 */
export function provinceOfCity(name: string): Province | undefined {
  return knownCity(name)?.province ?? provinceInName(name);
}

/** Returns a city in the language of the page; an unknown name stays as it is. */
export function cityLabel(name: string, language: 'zh' | 'en'): string {
  if (language === 'zh') return name;
  const english = knownCity(name)?.english;
  if (english !== undefined) return english;
  const province = provinceInName(name);
  if (province === undefined) return name;
  return name.endsWith('市辖区') ? `${province.short.en} (urban districts)` : province.short.en;
}

/** Returns where a city is, unless its name says so already; null for a name that is no city of the list. */
export function provinceBeside(name: string): Province | null | undefined {
  return knownCity(name)?.province ?? (provinceInName(name) === undefined ? null : undefined);
}

function knownCity(name: string): KnownCity | undefined {
  return KNOWN.get(name) ?? KNOWN.get(`${name}市`);
}

/** Municipalities and special administrative regions are cities themselves; 市辖区 is counted with its province. */
function provinceInName(name: string): Province | undefined {
  return PROVINCES.find(
    (province) => name === province.name || name === province.short.zh || name === `${province.name}市辖区`,
  );
}
