/** A half-open interval, in milliseconds since the start of the run. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

export function contains({ startMs, endMs }: Interval, ms: number): boolean {
  return startMs <= ms && ms < endMs;
}
