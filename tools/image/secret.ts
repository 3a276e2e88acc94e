import { randomBytes } from 'node:crypto';

/** Returns a password or signing secret that production accepts. */
export function makeSecret(): string {
  return randomBytes(24).toString('hex');
}
