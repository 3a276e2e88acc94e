import { readTopicWithKcat } from '../../support/kafka/kcat.js';
import type { ProxiedKafka } from '../../support/kafka/cluster.js';
import { lengthOf } from '../../support/kafka/topics.js';

/** Bounds waits for background work on a busy machine. */
export const ARRIVAL_MS = 120_000;
export const SESSION = 'analytics.session.started';
export const HEARTBEAT = 'presence.heartbeat.received';
export const PARTITIONS = 4;
/** The largest user id, 2^63 - 1. */
export const BIGGEST_ID = '9223372036854775807';

/** Returns all messages of a topic as kcat prints them, in the order of each partition. */
export async function readAll(kafka: ProxiedKafka, topic: string) {
  const count = await lengthOf(kafka.steadyBrokers, topic);
  if (count === 0) return [];
  const { messages } = await readTopicWithKcat(kafka.steadyBrokers, topic, { count, timeoutMs: ARRIVAL_MS });
  return [...messages].sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}
