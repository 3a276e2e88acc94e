import type { Admin } from 'kafkajs';
import type { IConsumerLag } from '../../../application/ports/consumer-lag.port.js';
import type { KafkaConfig } from '../../../config/kafka.config.js';
import { createKafkaClient, type KafkaClient } from '../kafka-client.js';
import { withAdmin } from '../kafka-topics.js';

const UNKNOWN_TOPIC = 'UNKNOWN_TOPIC_OR_PARTITION';

/** Compares the committed offsets of the consumer group with the ends of the identity topic. */
export class KafkaConsumerLag implements IConsumerLag {
  private readonly kafka: KafkaClient;

  constructor(private readonly config: KafkaConfig) {
    this.kafka = createKafkaClient(config);
  }

  async countMessages(): Promise<number> {
    try {
      return await withAdmin(this.kafka, (admin) => this.count(admin));
    } catch (error) {
      // Nothing waits in a topic that its publisher has not created yet.
      if (typesOf(error).includes(UNKNOWN_TOPIC)) return 0;
      throw error;
    }
  }

  private async count(admin: Admin): Promise<number> {
    const topic = this.config.topicIdentity;
    const groups = await admin.fetchOffsets({ groupId: this.config.consumerGroup, topics: [topic] });
    const committed = groups.flatMap(({ partitions }) => partitions);
    return lagBetween(committed, await admin.fetchTopicOffsets(topic));
  }
}

/**
 * Returns how many messages are behind the committed offsets. A group goes on at the oldest message where it has
 * committed nothing, and where retention has removed the next one.
 */
export function lagBetween(
  committed: readonly { readonly partition: number; readonly offset: string }[],
  ends: readonly { readonly partition: number; readonly low: string; readonly high: string }[],
): number {
  const next = new Map(committed.map(({ partition, offset }) => [partition, BigInt(offset)]));
  const lag = ends.reduce((sum, { partition, low, high }) => {
    const from = larger(next.get(partition) ?? -1n, BigInt(low));
    return sum + larger(BigInt(high) - from, 0n);
  }, 0n);
  return Number(lag);
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** kafkajs wraps the answer of the broker once it has repeated the request. */
function typesOf(error: unknown): unknown[] {
  const { type, cause } = error as { readonly type?: unknown; readonly cause?: { readonly type?: unknown } };
  return [type, cause?.type];
}
