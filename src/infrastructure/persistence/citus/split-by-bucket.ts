import type { EventLog } from '../../../domain/entities/event-log.entity.js';

/**
 * Returns the positions of the events of each bucket, in order. Leaves out an event whose id occurs earlier, because
 * the two may belong to different buckets, which know nothing of each other.
 */
export function splitByBucket(
  events: readonly EventLog[],
  bucketOf: (event: EventLog) => number,
): ReadonlyMap<number, readonly number[]> {
  const seen = new Set<string>();
  const parts = new Map<number, number[]>();
  events.forEach((event, position) => {
    if (seen.has(event.eventId.value)) return;
    seen.add(event.eventId.value);
    const bucket = bucketOf(event);
    const part = parts.get(bucket);
    if (part === undefined) parts.set(bucket, [position]);
    else part.push(position);
  });
  return parts;
}
