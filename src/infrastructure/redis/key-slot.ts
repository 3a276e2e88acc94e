import { Command } from 'ioredis';

/** Number of hash slots of every Redis Cluster. */
export const SLOTS = 16_384;

/** Returns the slot of a key in a Redis Cluster. */
export function keySlot(key: string): number {
  return new Command('set', [key, '']).getSlot();
}
