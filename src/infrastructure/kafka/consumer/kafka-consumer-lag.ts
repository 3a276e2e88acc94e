import type { Admin } from 'kafkajs';
import type { IConsumerLag } from '../../../application/ports/consumer-lag.port.js';
import type { KafkaConfig } from '../../../config/kafka.config.js';
import { createKafkaClient, type KafkaClient } from '../kafka-client.js';
import { withAdmin } from '../kafka-topics.js';

/** Compares the committed offsets of the consumer group with the ends of the identity topic. */
export class KafkaConsumerLag implements IConsumerLag {
  private readonly kafka: KafkaClient;

  constructor(private readonly config: KafkaConfig) {
    this.kafka = createKafkaClient(config);
  }

  countMessages(): Promise<number> {
    return withAdmin(this.kafka, (admin) => this.count(admin));
  }

  private async count(admin: Admin): Promise<number> {
    const topic = this.config.topicIdentity;
    // Reads the commits first: a message that is committed between the two requests is not counted twice.
    const groups = await admin.fetchOffsets({ groupId: this.config.consumerGroup, topics: [topic] });
    const committed = new Map(
      groups.flatMap(({ partitions }) =>
        partitions.map((each) => [each.partition, BigInt(each.offset)] as const),
      ),
    );
    const ends = await admin.fetchTopicOffsets(topic);
    const lag = ends.reduce((sum, { partition, low, high }) => {
      // A group without a commit, or with one that retention has overtaken, goes on at the oldest message.
      const next = larger(committed.get(partition) ?? -1n, BigInt(low));
      return sum + larger(BigInt(high) - next, 0n);
    }, 0n);
    return Number(lag);
  }
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
