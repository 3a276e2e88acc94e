/**
 * The actives of a day by place, kept as the stored JSON text `{"广东省": 2100, …}`. Parsing a year of them
 * for each query would cost more than the query (docs/adr/0010).
 */
export class PlaceCounts {
  private constructor(readonly json: string) {}

  /** @param json an object of whole numbers, as the database wrote it; null for none */
  static fromStored(json: string | null): PlaceCounts {
    return new PlaceCounts(json ?? '{}');
  }

  static fromMap(counts: ReadonlyMap<string, number>): PlaceCounts {
    return new PlaceCounts(JSON.stringify(Object.fromEntries(counts)));
  }

  /** Returns the counts as an object, for JSON.stringify. */
  toJSON(): Readonly<Record<string, number>> {
    return JSON.parse(this.json) as Record<string, number>;
  }
}
