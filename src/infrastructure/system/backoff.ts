/** How long to wait before the next attempt: doubles each time, up to a bound; jitter keeps replicas apart. */
export function backoffMs(
  attempt: number,
  bounds: { readonly minMs: number; readonly maxMs: number },
): number {
  return Math.min(bounds.maxMs, bounds.minMs * 2 ** attempt) * (0.75 + Math.random() / 4);
}
