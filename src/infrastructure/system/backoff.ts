export interface BackoffBounds {
  readonly minMs: number;
  readonly maxMs: number;
  /** Share of the wait that is random; a quarter by default. */
  readonly jitter?: number;
}

/** Returns the wait after a failed attempt: it doubles up to a bound, and jitter spreads the replicas. */
export function backoffMs(
  attempt: number,
  { minMs, maxMs, jitter = 0.25 }: BackoffBounds,
  random: () => number = Math.random,
): number {
  return Math.min(maxMs, minMs * 2 ** attempt) * (1 - jitter + random() * jitter);
}
