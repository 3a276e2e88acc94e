import type { KafkaConfig } from '../../config/kafka.config.js';
import type { EventTransport } from '../outbox/event-transport.js';
import { KafkaEventTransport } from './kafka-event-transport.js';

/** Returns the transport of the configured client library; a library that is not configured is not loaded. */
export async function openKafkaTransport(config: KafkaConfig): Promise<EventTransport> {
  if (config.client === 'kafkajs') return new KafkaEventTransport(config);
  const { PlatformaticEventTransport } = await import('./platformatic/platformatic-event-transport.js');
  return new PlatformaticEventTransport(config);
}
