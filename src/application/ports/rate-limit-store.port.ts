export interface WindowCount {
  /** Requests of the window, this one included. */
  readonly count: number;
  /** Milliseconds until the window ends. */
  readonly endsInMs: number;
}

/** A counter that replicas share. */
export interface RateLimitStore {
  /** Counts a request; the first one of a key starts its window. Rejects while the store is unavailable. */
  increment(key: string, windowMs: number): Promise<WindowCount>;
}

/** Injects null where every replica counts for itself. */
export const RATE_LIMIT_STORE = Symbol('RateLimitStore');
