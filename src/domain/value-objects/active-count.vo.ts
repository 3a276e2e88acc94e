import { DomainException } from '../../shared/exceptions/domain.exception.js';

/** Distinct identities active on a day: in total, and by the places they were seen in. */
export interface ActiveCount {
  readonly total: number;
  /** An identity seen in two provinces counts in both; one without a province is in the total only. */
  readonly byProvince: ReadonlyMap<string, number>;
  readonly byCity: ReadonlyMap<string, number>;
}

/** @throws DomainException `dau_inconsistent` when a place has more actives than the whole day */
export function assertConsistent({ total, byProvince, byCity }: ActiveCount): void {
  for (const places of [byProvince, byCity]) {
    for (const [place, identities] of places) {
      if (identities <= total) continue;
      throw new DomainException('dau_inconsistent', {
        detail: `${identities} actives in ${place} cannot be more than ${total} in all`,
      });
    }
  }
}

/** True when no figure of `part` is higher than the same one of `whole`. */
export function coversCount(whole: ActiveCount, part: ActiveCount): boolean {
  return (
    whole.total >= part.total &&
    coversPlaces(whole.byProvince, part.byProvince) &&
    coversPlaces(whole.byCity, part.byCity)
  );
}

function coversPlaces(whole: ReadonlyMap<string, number>, part: ReadonlyMap<string, number>): boolean {
  return [...part].every(([place, count]) => (whole.get(place) ?? 0) >= count);
}

/** Returns by how much each figure of `a` is higher than that of `b`; a place without a difference is absent. */
export function subtractCount(a: ActiveCount, b: ActiveCount): ActiveCount {
  return {
    total: a.total - b.total,
    byProvince: subtractPlaces(a.byProvince, b.byProvince),
    byCity: subtractPlaces(a.byCity, b.byCity),
  };
}

function subtractPlaces(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const places = [...new Set([...a.keys(), ...b.keys()])];
  const differences = places.map((place) => [place, (a.get(place) ?? 0) - (b.get(place) ?? 0)] as const);
  return new Map(differences.filter(([, difference]) => difference !== 0));
}
