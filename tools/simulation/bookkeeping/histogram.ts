const GROWTH = 1.02;
const SMALLEST_MS = 0.05;

/** Counts durations in buckets that grow by 2 %, for percentiles accurate to about 1 % in bounded memory. */
export class Histogram {
  private readonly buckets: number[] = [];
  private total = 0;

  record(ms: number): void {
    const bucket = Math.max(
      0,
      Math.round(Math.log(Math.max(ms, SMALLEST_MS) / SMALLEST_MS) / Math.log(GROWTH)),
    );
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
    this.total += 1;
  }

  get count(): number {
    return this.total;
  }

  /** Returns the value below which the fraction `quantile` of the durations lies; 0 when there are none. */
  quantile(quantile: number): number {
    let rest = Math.ceil(quantile * this.total);
    if (rest === 0) return 0;
    for (let bucket = 0; bucket < this.buckets.length; bucket += 1) {
      rest -= this.buckets[bucket] ?? 0;
      if (rest <= 0) return SMALLEST_MS * GROWTH ** bucket;
    }
    return 0;
  }
}
