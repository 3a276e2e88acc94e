/** Buckets of the dictionary: each numbers its identities by itself (docs/adr/0023). */
export const IDENTITY_BUCKETS: readonly number[] = Array.from({ length: 16 }, (_, bucket) => bucket);
