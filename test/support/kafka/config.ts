import { randomUUID } from 'node:crypto';

import type { KafkaConfig } from '../../../src/config/kafka.config.js';

/** Returns the default configuration of the service with new topics and a new consumer group. */
export function kafkaConfigOf(brokers: string, overrides: Partial<KafkaConfig> = {}): KafkaConfig {
  const name = randomUUID();
  return {
    client: 'kafkajs',
    brokers: brokers.split(','),
    tls: null,
    sasl: null,
    compression: 'gzip',
    topicAnalytics: `test-analytics-${name}`,
    topicIdentity: `test-identity-${name}`,
    consumerGroup: `test-group-${name}`,
    newTopics: { partitions: 4, replicationFactor: -1 },
    ...overrides,
  };
}
