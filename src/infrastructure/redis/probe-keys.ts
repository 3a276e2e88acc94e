import { Cluster, type Redis } from 'ioredis';
import { keySlot, SLOTS } from './key-slot.js';

const PREFIX = 'presence:probe';
/** Limits the search for a key of each master; a cluster has at most about a thousand. */
const MAX_TAGS = 16_384;

const tagSlots: number[] = [];

/**
 * Returns one key for each master, so that together they say whether every part of a cluster takes writes.
 *
 * @throws when a slot has no master
 */
export function probeKeys(client: Redis | Cluster): string[] {
  if (!(client instanceof Cluster)) return [PREFIX];
  const masters = Array.from({ length: SLOTS }, (_, slot) => client.slots[slot]?.[0]);
  const unserved = masters.filter((master) => master === undefined).length;
  if (unserved > 0) throw new Error(`${unserved} of ${SLOTS} slots of the Redis Cluster have no master`);
  const missing = new Set(masters);
  const keys: string[] = [];
  for (let tag = 0; missing.size > 0 && tag < MAX_TAGS; tag++) {
    const slot = (tagSlots[tag] ??= keySlot(String(tag)));
    if (missing.delete(masters[slot])) keys.push(`${PREFIX}:{${tag}}`);
  }
  return keys;
}
