import { Cluster, Command, type Redis } from 'ioredis';

const PREFIX = 'presence:probe';
/** Limits the search for a key of each master; a cluster has at most about a thousand. */
const MAX_TAGS = 16_384;

const slots: number[] = [];

/**
 * Returns one key for each master of a cluster, so that together they say whether every part takes writes.
 * The tags of the presence shards come first: a slot of theirs that nobody serves gets a key of its own.
 */
export function probeKeys(client: Redis | Cluster, presenceShards: number): string[] {
  if (!(client instanceof Cluster)) return [PREFIX];
  const masterOf = (slot: number): string | undefined => client.slots[slot]?.[0];
  const missing = new Set(client.slots.flatMap((nodes) => nodes[0] ?? []));
  const keys: string[] = [];
  for (let tag = 0; tag < presenceShards || (missing.size > 0 && tag < MAX_TAGS); tag++) {
    const key = `${PREFIX}:{${tag}}`;
    const master = masterOf((slots[tag] ??= new Command('set', [key, '']).getSlot()));
    if (master === undefined ? tag < presenceShards : missing.delete(master)) keys.push(key);
  }
  return keys;
}
