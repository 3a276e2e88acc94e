import { randomUUID } from 'node:crypto';

import { Partitioners } from 'kafkajs';

import { retryDuringElection } from '../../../src/infrastructure/kafka/leader-election.js';
import { waitFor } from '../processes.js';

import { clientOf } from './client.js';
import { isRealKafka } from './cluster.js';

const PARTITIONS = 4;

/** Creates a topic of four partitions unless it exists. */
export async function makeTopic(brokers: string, topic: string): Promise<void> {
  if (!isRealKafka()) {
    await makeTopicOfMock(brokers, topic);
    return;
  }
  const admin = clientOf(brokers).admin();
  await admin.connect();
  try {
    // Brokers learn of a topic some time after the controller has created it, which kafkajs takes for an error.
    // It asks about all topics of the cluster first, and one of them may be without a leader.
    await retryDuringElection(() =>
      admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: false }),
    );
    // A leader that is elected may refuse its partition for a moment, which only a request to it shows.
    await waitFor(async () => (await admin.fetchTopicOffsets(topic)).length > 0);
  } finally {
    await admin.disconnect();
  }
}

/** Subscribes once: the mock cluster has no CreateTopics, and makes a topic that a client asks for. */
async function makeTopicOfMock(brokers: string, topic: string): Promise<void> {
  const consumer = clientOf(brokers).consumer({ groupId: randomUUID() });
  await consumer.connect();
  await consumer.subscribe({ topic });
  await consumer.disconnect();
}

/** Returns the end offset of each partition; an empty list when the topic does not exist. */
export async function endsOf(brokers: string, topic: string): Promise<number[]> {
  const admin = clientOf(brokers).admin();
  await admin.connect();
  try {
    if (!(await admin.listTopics()).includes(topic)) return [];
    // The leaders of a new topic refuse requests for a moment.
    const offsets = await retryDuringElection(() => admin.fetchTopicOffsets(topic));
    return offsets.sort((a, b) => a.partition - b.partition).map(({ high }) => Number(high));
  } finally {
    await admin.disconnect();
  }
}

/** Returns the number of messages in a topic; 0 when it does not exist. */
export async function lengthOf(brokers: string, topic: string): Promise<number> {
  return (await endsOf(brokers, topic)).reduce((sum, end) => sum + end, 0);
}

/** Returns the offset that a consumer group resumes from, or -1 when it has committed nothing. */
export async function committedOffset(
  brokers: string,
  groupId: string,
  topic: string,
  partition: number,
): Promise<number> {
  const admin = clientOf(brokers).admin();
  await admin.connect();
  try {
    const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] });
    return Number(offsets?.partitions.find((one) => one.partition === partition)?.offset ?? -1);
  } finally {
    await admin.disconnect();
  }
}

export interface RawMessage {
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
  /** default: kafkajs derives it from the key */
  readonly partition?: number;
}

/** Sends the messages unchanged, valid or not, in one request for each partition's leader; repeats store none twice. */
export async function produceRaw(
  brokers: string,
  topic: string,
  messages: readonly RawMessage[],
): Promise<void> {
  await makeTopic(brokers, topic);
  const producer = clientOf(brokers).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    // The mock cluster serves idempotent producers behind proxies alone, and refuses no request of a new topic.
    ...(isRealKafka() && { idempotent: true, maxInFlightRequests: 1 }),
  });
  await producer.connect();
  try {
    await producer.send({
      topic,
      messages: messages.map(({ headers, ...message }) => ({
        ...message,
        ...(headers !== undefined && { headers: { ...headers } }),
      })),
    });
  } finally {
    await producer.disconnect();
  }
}
