import { createHash } from 'node:crypto';
import type { PlanContext } from './device-plan.js';

/** Returns the identity that counts as one active; a user and an install never collide. */
export function identityOf(userId: string | undefined, installId: string): string {
  return userId === undefined ? `i:${installId}` : `u:${userId}`;
}

/** Returns a decimal below 2^62 that is unique to the run; many exceed what a double can hold, as real ids do. */
export function userIdFor({ seed, runId }: PlanContext, index: number): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, runId, 'users']))
    .digest();
  return String((digest.readBigUInt64LE(0) >> 22n) * 1_048_576n + BigInt(index) + 1n);
}
