import { describe, expect, it } from '@jest/globals';

import { BUCKETS, bucketOf } from '../../../../../src/infrastructure/persistence/citus/buckets.js';
import { splitByBucket } from '../../../../../src/infrastructure/persistence/citus/split-by-bucket.js';
import { eventLog, uuid } from '../../../../support/builders.js';

describe('the bucket of an identity', () => {
  it('never changes, because stored rows depend on it', () => {
    const subjects = ['u:1', 'u:42', 'i:install-00000001', 'i:省-install-😀', 'd:2025-01-14', ''];
    expect(subjects.map(bucketOf)).toEqual([6, 2, 5, 0, 2, 16]);
  });

  it('is spread evenly over sixteen buckets', () => {
    const counts = new Map(BUCKETS.map((bucket) => [bucket, 0]));
    for (let i = 0; i < 16_000; i++) {
      const bucket = bucketOf(i % 2 === 0 ? `u:${i}` : `i:install-${i}`);
      counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
    }
    expect(counts.size).toBe(16);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe('the events of a request', () => {
  it('are split by bucket in their order, and a repeated id stays with its first event', () => {
    const [a, b, repeated, c] = [
      eventLog({ eventId: uuid(1), userId: '1' }),
      eventLog({ eventId: uuid(2), userId: '2' }),
      eventLog({ eventId: uuid(1), userId: '2' }),
      eventLog({ eventId: uuid(3), userId: '1' }),
    ];
    const parts = splitByBucket([a, b, repeated, c], ({ userId }) => Number(userId?.toString()));
    expect([...parts]).toEqual([
      [1, [0, 3]],
      [2, [1]],
    ]);
  });
});
