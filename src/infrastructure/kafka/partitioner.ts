import { hash } from 'node:crypto';

/**
 * The partition of a subject. Stable across releases and languages, for order depends on it: the first four bytes of
 * the SHA-1 of its UTF-8 text, big-endian, modulo the number of partitions.
 */
export function partitionOf(subject: string, partitions: number): number {
  return hash('sha1', subject, 'buffer').readUInt32BE() % partitions;
}
