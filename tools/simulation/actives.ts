/** A number known exactly (`low` = `high`), or only to lie between two bounds, both inclusive. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

class DayBook {
  readonly everywhere = new Set<string>();
  readonly byProvince = new Map<string, Set<string>>();
  readonly byCity = new Map<string, Set<string>>();

  add(identity: string, province: string | undefined, city: string | undefined): void {
    this.everywhere.add(identity);
    if (province !== undefined) addTo(this.byProvince, province, identity);
    if (city !== undefined) addTo(this.byCity, city, identity);
  }
}

/** What a day's statistics should have gained. */
export interface ExpectedDay {
  readonly total: Range;
  readonly byProvince: ReadonlyMap<string, Range>;
  readonly byCity: ReadonlyMap<string, Range>;
}

/**
 * The simulator's own count of daily active identities, by plain sets. What the service may or may not have
 * stored (no answer ever came), and days that a correction may decide either way, are kept apart as possible.
 */
export class Actives {
  private readonly certain = new Map<string, DayBook>();
  private readonly possible = new Map<string, DayBook>();

  add(
    seen: { day: string; identity: string; province?: string | undefined; city?: string | undefined },
    isCertain: boolean,
  ): void {
    const books = isCertain ? this.certain : this.possible;
    let book = books.get(seen.day);
    if (book === undefined) books.set(seen.day, (book = new DayBook()));
    book.add(seen.identity, seen.province, seen.city);
  }

  days(): string[] {
    return [...new Set([...this.certain.keys(), ...this.possible.keys()])].sort();
  }

  expected(day: string): ExpectedDay {
    const certain = this.certain.get(day) ?? new DayBook();
    const possible = this.possible.get(day) ?? new DayBook();
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
