import type { Range } from './range.js';

/** One sighting of an identity on a day, in a place. */
export interface Sighting {
  readonly day: string;
  readonly identity: string;
  readonly province?: string | undefined;
  readonly city?: string | undefined;
}

/** The gain that a day's statistics should show. */
export interface ExpectedDay {
  readonly total: Range;
  readonly byProvince: ReadonlyMap<string, Range>;
  readonly byCity: ReadonlyMap<string, Range>;
}

class DayActives {
  readonly everywhere = new Set<string>();
  readonly byProvince = new Map<string, Set<string>>();
  readonly byCity = new Map<string, Set<string>>();

  add({ identity, province, city }: Sighting): void {
    this.everywhere.add(identity);
    if (province !== undefined) addTo(this.byProvince, province, identity);
    if (city !== undefined) addTo(this.byCity, city, identity);
  }
}

/**
 * Counts daily active identities with plain sets, independently of the service. Sightings that the service may or may
 * not have stored on that day are kept apart and only widen the expected range.
 */
export class Actives {
  private readonly certain = new Map<string, DayActives>();
  private readonly possible = new Map<string, DayActives>();

  add(sighting: Sighting, isCertain: boolean): void {
    const days = isCertain ? this.certain : this.possible;
    let actives = days.get(sighting.day);
    if (actives === undefined) days.set(sighting.day, (actives = new DayActives()));
    actives.add(sighting);
  }

  days(): string[] {
    return [...new Set([...this.certain.keys(), ...this.possible.keys()])].sort();
  }

  expected(day: string): ExpectedDay {
    const certain = this.certain.get(day) ?? new DayActives();
    const possible = this.possible.get(day) ?? new DayActives();
    return {
      total: rangeOf(certain.everywhere, possible.everywhere),
      byProvince: rangesOf(certain.byProvince, possible.byProvince),
      byCity: rangesOf(certain.byCity, possible.byCity),
    };
  }
}

function addTo(sets: Map<string, Set<string>>, key: string, member: string): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([member]));
  else set.add(member);
}

function rangeOf(certain: ReadonlySet<string>, possible: ReadonlySet<string>): Range {
  let more = 0;
  for (const member of possible) if (!certain.has(member)) more += 1;
  return { low: certain.size, high: certain.size + more };
}

function rangesOf(
  certain: ReadonlyMap<string, ReadonlySet<string>>,
  possible: ReadonlyMap<string, ReadonlySet<string>>,
): Map<string, Range> {
  const none = new Set<string>();
  const keys = new Set([...certain.keys(), ...possible.keys()]);
  return new Map([...keys].map((key) => [key, rangeOf(certain.get(key) ?? none, possible.get(key) ?? none)]));
}
