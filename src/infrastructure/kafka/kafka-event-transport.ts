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

/** Publishes to Kafka by the rules of {@link KafkaProducer}. */
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

  /** Opens a new connection, because an idle producer does not notice that its brokers are unavailable. */
  async check(): Promise<void> {
    await withAdmin(this.kafka, (admin) => admin.describeCluster());
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
