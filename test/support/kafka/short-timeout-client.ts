import { randomUUID } from 'node:crypto';

import { Kafka, logLevel, Partitioners, type KafkaConfig, type Producer } from 'kafkajs';

export const newTopic = () => `support-${randomUUID()}`;

/** Returns a client with short timeouts for brokers that fail on purpose; its retries outlast the birth of a topic. */
export function shortTimeoutClient(brokers: string, config: Partial<KafkaConfig> = {}): Kafka {
  return new Kafka({
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 500,
    authenticationTimeout: 500,
    requestTimeout: 500,
    retry: { retries: 6, initialRetryTime: 100, maxRetryTime: 500 },
    ...config,
  });
}

export function idempotentProducer(brokers: string, config: Partial<KafkaConfig> = {}): Producer {
  return shortTimeoutClient(brokers, config).producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
}

/** Connects, sends a message and disconnects. */
export async function sendOne(
  brokers: string,
  topic: string,
  config: Partial<KafkaConfig> = {},
): Promise<void> {
  const producer = idempotentProducer(brokers, config);
  try {
    await producer.connect();
    await producer.send({ topic, messages: [{ key: 'k', value: '"v"' }] });
  } finally {
    await producer.disconnect();
  }
}
