import { hash } from 'node:crypto';

/**
 * Returns the partition of a subject: the first four bytes of the SHA-1 of its UTF-8 text, big-endian, modulo the
 * number of partitions. The order of messages depends on it, so it never changes.
 */
export function partitionOf(subject: string, partitions: number): number {
  return hash('sha1', subject, 'buffer').readUInt32BE() % partitions;
}
