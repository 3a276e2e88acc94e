import type { Random } from '../planning/random.js';

const BASE_MS = 250;
const MAX_BACKOFF_MS = 8_000;
/** Caps `Retry-After`, because a run has an end. */
const MAX_RETRY_AFTER_MS = 30_000;

/**
 * Returns the wait after the `failures`-th failure in a row (from 1): exponential with jitter, at least `Retry-After`.
 * It draws from the run's seeded stream and therefore does not share the service's own backoff.
 */
export function backoffMs(failures: number, retryAfterMs: number | undefined, random: Random): number {
  const exponential = Math.min(BASE_MS * 2 ** (failures - 1), MAX_BACKOFF_MS);
  const jittered = exponential * random.between(0.5, 1);
  if (retryAfterMs === undefined) return jittered;
  return Math.max(jittered, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS) + random.between(0, 500));
}

/** Returns true for a status that a retry may change: timeout, overload, unavailable. */
export function isRetryable(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}
