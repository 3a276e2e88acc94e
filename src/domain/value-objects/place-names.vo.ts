import { isStorable, normalizeLetters, normalizeText } from '../../shared/utils/text.util.js';
import { findGenericCity, findProvince } from './province-names.js';

/** `canonical` gives a place one name; `as-sent` keeps the client's name, as normalized text. */
export type PlaceNaming = 'canonical' | 'as-sent';

/** Rules for the names of places (docs/adr/0016). An empty name means no place. */
export interface PlaceNames {
  province(text: string): string;
  /** @param province the name that {@link province} returned for the same event */
  city(text: string, province: string): string;
}

/** Words that clients send when they know no place; "NaN" is missing, because Nan is a province of Thailand. */
const NO_PLACE: ReadonlySet<string> = new Set([
  ...['null', '(null)', '<null>', 'nil', '<nil>', 'none', '(none)', '<none>', 'undefined', '[object object]'],
  ...['unknown', '(unknown)', '<unknown>', 'n/a', 'not available', 'not set', '(not set)', '-1'],
  ...['unknown province', 'unknown city', 'unknown region', 'nullnull', 'null省', 'null市', 'false', 'true'],
  ...['省', 'province'],
  ...['未知', '(未知)', '（未知）', '未知省份', '未知城市', '未知地区', '不详', '不明', '无', '暂无', '空'],
]);
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
/** Databases of IP addresses write 0 where they have no data. */
const ZEROS = /^0+$/;

/** Bounds a cache; clients send few different names, and a flood of others starts it anew. */
const MAX_CACHED_NAMES = 8192;
const MAX_CACHED_LENGTH = 64;

class CanonicalPlaceNames implements PlaceNames {
  private readonly provinces = new NameCache(toProvince);
  private readonly cities = new NameCache(toCity);

  /** Returns the official name for every spelling of the 34 divisions of China, and other names normalized. */
  province(text: string): string {
    return this.provinces.get(text);
  }

  /** Puts the province before a generic name such as 市辖区, which is no city without one. */
  city(text: string, province: string): string {
    const city = this.cities.get(text);
    if (!city.startsWith(GENERIC)) return city;
    return province === '' ? '' : province + city.slice(GENERIC.length);
  }
}

class SentPlaceNames implements PlaceNames {
  private readonly names = new NameCache(normalizeText);

  province(text: string): string {
    return this.names.get(text);
  }

  city(text: string): string {
    return this.names.get(text);
  }
}

/** Marks a generic city in the cache; normalized text has no control characters. */
const GENERIC = '\u0001';

function toProvince(text: string): string {
  const name = toName(text);
  return findProvince(name) ?? name;
}

function toCity(text: string): string {
  const name = toName(text);
  const generic = findGenericCity(name);
  return generic === undefined ? name : GENERIC + generic;
}

function toName(text: string): string {
  const name = normalizeText(normalizeLetters(text));
  const isNone = NO_PLACE.has(name.toLowerCase()) || !LETTER_OR_DIGIT.test(name) || ZEROS.test(name);
  return isNone ? '' : name;
}

class NameCache {
  private readonly names = new Map<string, string>();

  constructor(private readonly toName: (text: string) => string) {}

  get(text: string): string {
    let name = this.names.get(text);
    if (name !== undefined) return name;
    // Leaves text that the database cannot store to the rule that rejects it.
    name = isStorable(text) ? this.toName(text) : text;
    if (text.length > MAX_CACHED_LENGTH) return name;
    if (this.names.size >= MAX_CACHED_NAMES) this.names.clear();
    this.names.set(text, name);
    return name;
  }
}

const PLACE_NAMES: Readonly<Record<PlaceNaming, PlaceNames>> = {
  canonical: new CanonicalPlaceNames(),
  'as-sent': new SentPlaceNames(),
};

export function placeNames(naming: PlaceNaming): PlaceNames {
  return PLACE_NAMES[naming];
}
