import { keySlot, SLOTS } from './key-slot.js';

export const ONLINE_USERS_KEY = 'presence:online_users';
/** Odd part of 2^64 divided by the golden ratio: multiples of it spread evenly (Knuth, volume 3, 6.4). */
const GOLDEN = 0x9e3779b97f4a7c15n;
const LOW_BITS = 32n;

/**
 * Returns the keys of the sorted sets: the slots of a cluster are cut into as many equal ranges, and each has one key.
 * A key names the number of shards, so that sets of another number are not read, and expire.
 */
export function presenceKeys(shardCount: number): readonly string[] {
  if (shardCount === 1) return [ONLINE_USERS_KEY];
  return evenTags(shardCount).map((tag) => `${ONLINE_USERS_KEY}:${shardCount}:{${tag}}`);
}

/** Returns the number of the user's shard. It hashes the id: ids of many generators share their last bits. */
export function shardNumber(userId: bigint, shardCount: number): number {
  const hash = Number(BigInt.asUintN(64, userId * GOLDEN) >> LOW_BITS);
  return Math.floor((hash / 2 ** 32) * shardCount);
}

/** Returns the smallest hash tag in each of `count` equal ranges of slots, by range. */
function evenTags(count: number): readonly number[] {
  const tags = new Map<number, number>();
  for (let tag = 0; tags.size < count; tag++) {
    const range = Math.floor((keySlot(String(tag)) * count) / SLOTS);
    if (!tags.has(range)) tags.set(range, tag);
  }
  return Array.from({ length: count }, (_, range) => tags.get(range) as number);
}
