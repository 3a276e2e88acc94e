/**
 * How many actives each place of a day had. A year of them holds a hundred thousand counts, which are mostly passed on: so
 * they stay the JSON object they are stored as, `{"广东省": 2100, …}`, until somebody looks into them.
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

  /** What it is in JSON, for whoever writes it in the ordinary way. */
  toJSON(): Readonly<Record<string, number>> {
    return JSON.parse(this.json) as Record<string, number>;
  }
}
