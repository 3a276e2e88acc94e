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
