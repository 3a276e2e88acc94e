import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '../decorators/current-user.decorator.js';

/** 250 bytes each; as many as users whose heartbeats keep one process busy. The one known for longest is forgotten first. */
const MAX_TOKENS = 200_000;

interface VerifiedToken {
  readonly user: AuthenticatedUser;
  readonly validUntilMs: number;
}

/**
 * Tokens that have been found valid, until they expire: an app sends the same one every minute, and verifying it costs a
 * third of a heartbeat. Known by their SHA-256, so that no token lies about in memory.
 */
@Injectable()
export class VerifiedTokens {
  private readonly tokens = new Map<string, VerifiedToken>();

  /** @param authorization the request's header, as it came */
  find(authorization: string | undefined): AuthenticatedUser | undefined {
    if (authorization === undefined) return undefined;
    const key = keyOf(authorization);
    const token = this.tokens.get(key);
    if (token === undefined) return undefined;
    // eslint-disable-next-line no-restricted-properties -- the clock by which the library that verifies checks expiry
    if (Date.now() < token.validUntilMs) return token.user;
    this.tokens.delete(key);
    return undefined;
  }

  /** @param validUntilMs Unix milliseconds; from then on the token must be verified again, and is refused */
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
