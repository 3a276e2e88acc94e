import { DomainException } from '../../shared/exceptions/domain.exception.js';
import { fieldMessage } from '../../shared/utils/field-message.util.js';
import { isStorable } from '../../shared/utils/text.util.js';
import { PlaceCounts } from './place-counts.vo.js';
import type { PlaceNames } from './place-names.vo.js';

/** Limits an answer to the actives of one province or one city. */
export class PlaceFilter {
  private constructor(
    readonly level: 'province' | 'city',
    /** The name under which events of the place are stored. */
    readonly place: string,
  ) {}

  /**
   * Returns null without a place. Provinces and cities are counted apart, so both together have no exact figure.
   *
   * @throws DomainException `request_invalid`
   */
  static of(
    { province, city }: { readonly province?: string | undefined; readonly city?: string | undefined },
    names: PlaceNames,
  ): PlaceFilter | null {
    if (province !== undefined && city !== undefined) {
      throw invalid('city', fieldMessage('city', 'not come with province', city, 'ask for one of them'));
    }
    if (province !== undefined) return PlaceFilter.named('province', province, names.province(province));
    return city === undefined ? null : PlaceFilter.named('city', city, names.city(city, ''));
  }

  private static named(level: PlaceFilter['level'], text: string, place: string): PlaceFilter {
    if (place !== '' && isStorable(place)) return new PlaceFilter(level, place);
    const example = level === 'province' ? '广东省' : '深圳市, or 北京市市辖区 with its province';
    throw invalid(level, fieldMessage(level, 'name a place', text, `write one such as ${example}`));
  }

  /** Returns the breakdowns of an answer that has the place alone; nobody there means no entry. */
  breakdownOf(count: number): { readonly byProvince: PlaceCounts; readonly byCity: PlaceCounts } {
    const counts = PlaceCounts.fromMap(new Map(count > 0 ? [[this.place, count]] : []));
    const none = PlaceCounts.fromMap(new Map());
    return this.level === 'province'
      ? { byProvince: counts, byCity: none }
      : { byProvince: none, byCity: counts };
  }

  /** Picks the figure of the place; 0 where nobody was. */
  countIn(counts: {
    readonly byProvince: ReadonlyMap<string, number>;
    readonly byCity: ReadonlyMap<string, number>;
  }): number {
    return (this.level === 'province' ? counts.byProvince : counts.byCity).get(this.place) ?? 0;
  }
}

function invalid(field: string, detail: string): DomainException {
  return new DomainException('request_invalid', { detail, field });
}
