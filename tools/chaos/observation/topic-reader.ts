import { randomUUID } from 'node:crypto';
import { clientOf } from '../../../test/support/kafka/client.js';
import { waitFor } from '../../../test/support/processes.js';

const READ_WITHIN_MS = 60_000;

/** A record as a subscriber reads it. */
export interface TopicRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Reads a topic from its beginning to its end, as a subscriber does that was away during the whole run. */
export async function readTopic(brokers: string, topic: string): Promise<TopicRecord[]> {
  const ends = await readEnds(brokers, topic);
  if ([...ends.values()].every((end) => end === 0)) return [];
  const next = new Map<number, number>();
  const records: TopicRecord[] = [];
  const consumer = clientOf(brokers).consumer({ groupId: `chaos-${randomUUID()}`, maxWaitTimeInMs: 50 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        const offset = Number(message.offset);
        next.set(partition, offset + 1);
        records.push({
          partition,
          offset,
          key: message.key?.toString() ?? '',
          value: message.value?.toString() ?? '',
          headers: Object.fromEntries(
            Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
          ),
        });
      },
    });
    const isAtEnd = (): boolean => [...ends].every(([partition, end]) => (next.get(partition) ?? 0) >= end);
    await waitFor(isAtEnd, READ_WITHIN_MS, { what: `a subscriber reads ${topic} to its end` });
  } finally {
    await consumer.disconnect();
  }
  return records;
}

/** Returns the end of each partition; none when there is no such topic. */
async function readEnds(brokers: string, topic: string): Promise<Map<number, number>> {
  const admin = clientOf(brokers).admin();
  await admin.connect();
  try {
    if (!(await admin.listTopics()).includes(topic)) return new Map();
    const offsets = await admin.fetchTopicOffsets(topic);
    return new Map(offsets.map(({ partition, high }) => [partition, Number(high)]));
  } finally {
    await admin.disconnect();
  }
}
