import type { KafkaConfig } from '../../config/kafka.config.js';
import {
  toWireValue,
  type EventChannel,
  type EventTransport,
  type OutboundMessage,
} from '../outbox/event-transport.js';
import { createKafkaClient } from './kafka-client.js';
import { KafkaProducer, type SubjectRecord } from './kafka-producer.js';
import { ensureTopic, withAdmin } from './kafka-topics.js';
import { PublishHealth } from './publish-health.js';

/** Publishes to Kafka by the rules of {@link KafkaProducer}. */
export class KafkaEventTransport implements EventTransport {
  private readonly kafka;
  private readonly health = new PublishHealth();

  constructor(private readonly config: KafkaConfig) {
    this.kafka = createKafkaClient(config);
  }

  openChannel(): EventChannel {
    const producer = new KafkaProducer(this.kafka, this.config, this.config.topicAnalytics);
    return {
      send: (messages) => this.health.watch(() => producer.send(messages.map(toRecord))),
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

/** Uses the event type as the key, for subscribers' filters; the subject decides the partition. */
function toRecord(message: OutboundMessage): SubjectRecord {
  return {
    subject: message.subject,
    key: message.eventType,
    value: toWireValue(message),
    headers: {
      'event-id': message.eventId,
      'event-type': message.eventType,
      'content-type': 'application/json',
    },
  };
}
