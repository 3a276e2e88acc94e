import type { KafkaConfig } from '../../config/kafka.config.js';
import {
  toWireValue,
  type EventChannel,
  type EventTransport,
  type OutboundMessage,
} from '../outbox/event-transport.js';
import { createKafkaClient } from './kafka-client.js';
import { KafkaProducer, type SubjectRecord } from './kafka-producer.js';
import { withAdmin } from './kafka-topics.js';

/** Publishes to Kafka, by the rules of {@link KafkaProducer}. */
export class KafkaEventTransport implements EventTransport {
  private readonly kafka;

  constructor(private readonly config: KafkaConfig) {
    this.kafka = createKafkaClient(config);
  }

  openChannel(): EventChannel {
    const producer = new KafkaProducer(this.kafka, this.config, this.config.topicAnalytics);
    return {
      send: (messages) => producer.send(messages.map(toRecord)),
      close: () => producer.close(),
    };
  }

  /** Over a connection of its own: an idle producer does not notice that its brokers have gone. */
  async check(): Promise<void> {
    await withAdmin(this.kafka, (admin) => admin.describeCluster());
  }
}

/** The key is the event type, for subscribers to filter on; the subject decides the partition and so the order. */
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
