import type { KafkaConfig } from '../../config/kafka.config.js';
import type { EventChannel, EventTransport } from '../outbox/event-transport.js';
import { createKafkaClient } from './kafka-client.js';
import { isConnectionError, isTooLarge, KafkaProducer } from './kafka-producer.js';
import { ensureTopic, withAdmin } from './kafka-topics.js';
import { toEventRecord } from './event-record.js';
import { PublishHealth } from './publish-health.js';

/** Publishes to Kafka by the rules of {@link KafkaProducer}. */
export class KafkaEventTransport implements EventTransport {
  private readonly kafka;
  private readonly health = new PublishHealth(
    // A batch that is too large says nothing about the others.
    (error) => isTooLarge(error) || isConnectionError(error),
  );

  constructor(private readonly config: KafkaConfig) {
    this.kafka = createKafkaClient(config);
  }

  openChannel(): EventChannel {
    const producer = new KafkaProducer(this.kafka, this.config, this.config.topicAnalytics);
    return {
      send: (messages) => this.health.watch(() => producer.send(messages.map(toEventRecord))),
      close: () => producer.close(),
    };
  }

  /**
   * Asks the leader of every partition over new connections, because a producer that idles notices no outage and one
   * healthy broker says nothing about the others. What only a write can show is known from the last one.
   */
  async check(): Promise<void> {
    this.health.check();
    const { topicAnalytics, newTopics } = this.config;
    await withAdmin(this.kafka, async (admin) => {
      await ensureTopic(admin, topicAnalytics, newTopics);
      await admin.fetchTopicOffsets(topicAnalytics);
    });
  }
}
