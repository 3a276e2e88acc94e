/** A counter that replicas share, as the limiter's library takes it; null makes every replica count for itself. */
export type RateLimitStore = object | null;

export const RATE_LIMIT_STORE = Symbol('RateLimitStore');
