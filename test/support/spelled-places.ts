import type { PlaceNaming } from '../../src/domain/value-objects/place-names.vo.js';

/** A place as clients send it, with the name that figures have for it; written apart from the service's tables. */
interface SpelledPlace {
  readonly sent?: string;
  /** Absent for no place. */
  readonly name?: string;
}

/** The names of an event's places in figures. */
export interface NamedPlaces {
  readonly province?: string;
  readonly city?: string;
}

export const SPELLED_PROVINCES: readonly SpelledPlace[] = [
  {},
  ...['广东省', '广东', '廣東', 'Guangdong', 'CN-GD'].map((sent) => ({ sent, name: '广东省' })),
  ...['浙江省', ' 浙江 ', 'Zhejiang'].map((sent) => ({ sent, name: '浙江省' })),
  { sent: 'Québec, "QC"', name: 'Québec, "QC"' },
  { sent: 'unknown' },
];

/** A generic name belongs to the province before it, and to nothing without one. */
const GENERIC = '市辖区';

export const SPELLED_CITIES: readonly SpelledPlace[] = [
  {},
  ...['深圳市', '杭州市', '广东省', 'a\\b'].map((name) => ({ sent: name, name })),
  { sent: ' 深圳市\u200b', name: '深圳市' },
  { sent: GENERIC, name: GENERIC },
  { sent: '(null)' },
];

/** Texts that are the same name under either naming: spaces around it and invisible characters never count. */
const normalized = (text: string): string => text.replaceAll('\u200b', '').trim();

export function namesOf(naming: PlaceNaming, province: SpelledPlace, city: SpelledPlace): NamedPlaces {
  const nameOf = ({ sent, name }: SpelledPlace): string | undefined =>
    naming === 'canonical' ? name : sent === undefined ? undefined : normalized(sent);
  const names = { province: nameOf(province), city: nameOf(city) };
  if (naming === 'canonical' && names.city === GENERIC)
    names.city = names.province === undefined ? undefined : names.province + GENERIC;
  return {
    ...(names.province !== undefined && { province: names.province }),
    ...(names.city !== undefined && { city: names.city }),
  };
}

/** Returns the spellings by which a query may ask for a province. */
export function spellingsOf(
  naming: PlaceNaming,
  level: 'province' | 'city',
  name: string,
): readonly string[] {
  if (naming === 'as-sent' || level === 'city') return [name];
  const spellings = SPELLED_PROVINCES.flatMap((place) =>
    place.name === name && place.sent !== undefined ? [place.sent] : [],
  );
  return spellings.length > 0 ? spellings : [name];
}
