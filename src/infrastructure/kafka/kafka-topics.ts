import { Logger } from '@nestjs/common';
import type { Admin } from 'kafkajs';
import type { KafkaConfig } from '../../config/kafka.config.js';
import { disconnect, REQUEST_TIMEOUT_MS, type KafkaClient } from './kafka-client.js';
import { requestTopic } from './missing-topics.js';

/** Names of the kafkajs errors that say that the broker answered and refused. */
const REFUSALS = new Set([
  'KafkaJSAggregateError',
  'KafkaJSCreateTopicError',
  'KafkaJSProtocolError',
  'KafkaJSServerDoesNotSupportApiKey',
]);
/** Answers about a topic whose creation has not reached every broker. */
const BEING_CREATED = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']);
const logger = new Logger('KafkaTopics');

/** Opens an admin connection for one piece of work. */
export async function withAdmin<T>(kafka: KafkaClient, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await disconnect(admin);
  }
}

/**
 * Creates the topic unless it exists. Logs the command to create it when the broker refuses; the broker may still
 * create the topic by itself, with its own number of partitions.
 *
 * @throws Error when Kafka is unavailable
 */
export async function ensureTopic(
  admin: Admin,
  topic: string,
  { partitions, replicationFactor }: KafkaConfig['newTopics'],
): Promise<void> {
  if ((await admin.listTopics()).includes(topic)) return;
  try {
    const created = await admin.createTopics({
      topics: [{ topic, numPartitions: partitions, replicationFactor }],
      timeout: REQUEST_TIMEOUT_MS,
      waitForLeaders: true,
    });
    // False means that another replica created it first.
    if (created) logger.log(`Topic ${topic} created with ${partitions} partitions`);
  } catch (error) {
    // The controller has created it, and the brokers learn of it a moment later.
    if (BEING_CREATED.has(String((error as { readonly type?: unknown }).type))) return;
    if (!REFUSALS.has((error as Error).name)) throw error;
    requestTopic(topic, partitions, reasonOf(error as Error));
  }
}

/** Joins the reasons that kafkajs collects in one error. */
function reasonOf(error: Error & { readonly errors?: readonly Error[] }): string {
  return error.errors?.map(({ message }) => message).join('; ') ?? error.message;
}
