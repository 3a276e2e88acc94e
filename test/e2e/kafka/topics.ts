import { Kafka, logLevel } from 'kafkajs';

import { readTopicWithKcat } from '../../support/kafka/kcat.js';
import type { ProxiedKafka } from '../../support/kafka/cluster.js';

/** Bounds waits for background work on a busy machine. */
export const ARRIVAL_MS = 120_000;
export const SESSION = 'analytics.session.started';
export const HEARTBEAT = 'presence.heartbeat.received';
export const PARTITIONS = 4;
/** The largest user id, 2^63 - 1. */
export const BIGGEST_ID = '9223372036854775807';

/** Returns a silent client; errors are thrown. */
export function clientOf(brokers: string): Kafka {
  return new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
}

/** Returns the end offset of each partition; an empty list when the topic does not exist. */
export async function endsOf(kafka: ProxiedKafka, topic: string): Promise<number[]> {
  const admin = clientOf(kafka.steadyBrokers).admin();
  await admin.connect();
  try {
    if (!(await admin.listTopics()).includes(topic)) return [];
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.sort((a, b) => a.partition - b.partition).map(({ high }) => Number(high));
  } finally {
    await admin.disconnect();
  }
}

/** Returns the number of messages in a topic; 0 when it does not exist. */
export async function lengthOf(kafka: ProxiedKafka, topic: string): Promise<number> {
  return (await endsOf(kafka, topic)).reduce((sum, end) => sum + end, 0);
}

/** Returns all messages of a topic as kcat prints them, in the order of each partition. */
export async function readAll(kafka: ProxiedKafka, topic: string) {
  const count = await lengthOf(kafka, topic);
  if (count === 0) return [];
  const { messages } = await readTopicWithKcat(kafka.steadyBrokers, topic, { count, timeoutMs: ARRIVAL_MS });
  return [...messages].sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}
