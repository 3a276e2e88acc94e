import type { Random } from './random.js';

const BASE_MS = 250;
const LONGEST_BACKOFF_MS = 8_000;
/** A service that asks for more than this is asked again earlier: a run has an end. */
const LONGEST_RETRY_AFTER_MS = 30_000;

/**
 * How long to wait after the `failures`-th failure in a row (from 1): doubling, with half of it random so that a
 * crowd does not come back all at once; never sooner than a `Retry-After` asks.
 */
export function backoffMs(failures: number, retryAfterMs: number | undefined, random: Random): number {
  const exponential = Math.min(BASE_MS * 2 ** (failures - 1), LONGEST_BACKOFF_MS);
  const own = exponential * random.between(0.5, 1);
  if (retryAfterMs === undefined) return own;
  return Math.max(own, Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS) + random.between(0, 500));
}

/** Worth another try: overloaded, unavailable or timed out. Everything else would be answered the same again. */
export function isRetryable(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}
