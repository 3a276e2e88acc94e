/**
 * Lists the buckets, as the migration that distributes the tables stores them. The hash of each number falls into a
 * shard of its own, so a bucket can be moved alone: docs/adr/0021.
 */
export const BUCKETS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 9, 10, 11, 13, 16, 24, 28, 41, 52];

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Returns the bucket of an identity or another subject. Stored rows depend on the result: it never changes.
 * FNV-1a over UTF-16 code units, with the final mix of MurmurHash3, because the low bits of FNV alone are uneven.
 */
export function bucketOf(subject: string): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < subject.length; i++) hash = Math.imul(hash ^ subject.charCodeAt(i), FNV_PRIME);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return BUCKETS[(hash ^ (hash >>> 16)) & (BUCKETS.length - 1)] as number;
}
