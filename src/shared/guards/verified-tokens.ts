import { hash } from 'node:crypto';
import type { AuthenticatedUser } from '../decorators/current-user.decorator.js';

/** Bounds memory at 250 bytes each: as many as the users of one busy process. The oldest is evicted first. */
const MAX_TOKENS = 200_000;

interface VerifiedToken {
  readonly user: AuthenticatedUser;
  readonly validUntilMs: number;
}

/**
 * Caches verified tokens until they expire, keyed by SHA-256 so that memory holds no token. Apps send the
 * same one every minute, and verifying it costs a third of a heartbeat.
 */
export class VerifiedTokens {
  private readonly tokens = new Map<string, VerifiedToken>();

  /** @param nowMs Unix milliseconds by the clock that all replicas share: one that is off must reject no token */
  constructor(readonly nowMs: () => number) {}

  /** @param authorization the request's header */
  find(authorization: string | undefined): AuthenticatedUser | undefined {
    if (authorization === undefined) return undefined;
    const key = keyOf(authorization);
    const token = this.tokens.get(key);
    if (token === undefined) return undefined;
    if (this.nowMs() < token.validUntilMs) return token.user;
    this.tokens.delete(key);
    return undefined;
  }

  /** @param validUntilMs Unix milliseconds from which the token must be verified again */
  remember(authorization: string, user: AuthenticatedUser, validUntilMs: number): void {
    if (this.tokens.size >= MAX_TOKENS) {
      const [oldest] = this.tokens.keys();
      if (oldest !== undefined) this.tokens.delete(oldest);
    }
    this.tokens.set(keyOf(authorization), { user, validUntilMs });
  }
}

function keyOf(authorization: string): string {
  return hash('sha256', authorization, 'base64');
}
