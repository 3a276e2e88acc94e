/** Returns the wait after a failed attempt: it doubles up to a bound, and jitter spreads the replicas. */
export function backoffMs(
  attempt: number,
  bounds: { readonly minMs: number; readonly maxMs: number },
): number {
  return Math.min(bounds.maxMs, bounds.minMs * 2 ** attempt) * (0.75 + Math.random() / 4);
}
