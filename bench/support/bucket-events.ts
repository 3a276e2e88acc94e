import type { EventLog } from '../../src/domain/entities/event-log.entity.js';
import { BUCKETS, bucketOf } from '../../src/infrastructure/persistence/citus/buckets.js';
import { eventLog } from '../../test/support/builders.js';
import { createEvent, installIdOf } from './bench-events.js';

const USERS = 200_000;

const usersByBucket = new Map<number, number[]>(BUCKETS.map((bucket) => [bucket, []]));
for (let user = 1; user <= USERS; user++) usersByBucket.get(bucketOf(`u:${user}`))?.push(user);

/** Creates new events of users of one bucket, or of any. */
export function createEvents(count: number, bucket: number | null): EventLog[] {
  const users = bucket === null ? null : usersByBucket.get(bucket);
  return Array.from({ length: count }, (_, i) => {
    const draw = Math.random();
    const user = users?.[Math.floor(draw * users.length)] ?? 1 + Math.floor(draw * USERS);
    const { eventId, eventName, atMs, properties } = createEvent(i);
    return eventLog({
      ...{ eventId, eventName, userId: String(user), installId: installIdOf(user) },
      at: new Date(atMs),
      properties: JSON.parse(properties),
    });
  });
}
