import type { KafkaConfig } from '../../../../src/config/kafka.config.js';
import { KafkaEventTransport } from '../../../../src/infrastructure/kafka/kafka-event-transport.js';
import { PlatformaticEventTransport } from '../../../../src/infrastructure/kafka/platformatic/platformatic-event-transport.js';
import type { EventTransport } from '../../../../src/infrastructure/outbox/event-transport.js';

export type OpenKafkaTransport = (config: KafkaConfig) => EventTransport;

/** Every client library that publishes to Kafka, by its value of KAFKA_CLIENT. */
export const KAFKA_TRANSPORTS: readonly { readonly client: string; readonly open: OpenKafkaTransport }[] = [
  { client: 'kafkajs', open: (config) => new KafkaEventTransport(config) },
  { client: 'platformatic', open: (config) => new PlatformaticEventTransport(config) },
];
