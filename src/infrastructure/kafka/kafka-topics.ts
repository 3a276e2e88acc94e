import { Logger } from '@nestjs/common';
import type { Admin, Kafka } from 'kafkajs';
import type { KafkaConfig } from '../../config/kafka.config.js';
import { disconnect, REQUEST_TIMEOUT_MS } from './kafka-client.js';

/** By these names kafkajs says that the broker answered: it will not, or it cannot. */
const REFUSALS = new Set([
  'KafkaJSAggregateError',
  'KafkaJSCreateTopicError',
  'KafkaJSProtocolError',
  'KafkaJSServerDoesNotSupportApiKey',
]);
const logger = new Logger('KafkaTopics');
/** Topics that were asked for; once is enough. */
const askedFor = new Set<string>();

/** An admin connection for one piece of work. */
export async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await disconnect(admin);
  }
}

/**
 * Creates the topic unless it exists. Where that is not allowed it says what to create, and leaves the rest to the
 * broker: it may make topics by itself, with a number of partitions of its own.
 *
 * @throws when Kafka cannot be reached
 */
export async function ensureTopic(
  kafka: Kafka,
  topic: string,
  { partitions, replicationFactor }: KafkaConfig['newTopics'],
): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    if ((await admin.listTopics()).includes(topic)) return;
    try {
      const created = await admin.createTopics({
        topics: [{ topic, numPartitions: partitions, replicationFactor }],
        timeout: REQUEST_TIMEOUT_MS,
        waitForLeaders: true,
      });
      // Another replica may have been faster.
      if (created) logger.log(`Topic ${topic} created with ${partitions} partitions`);
    } catch (error) {
      if (!REFUSALS.has((error as Error).name)) throw error;
      if (askedFor.has(topic)) return;
      askedFor.add(topic);
      logger.warn(
        `Topic ${topic} does not exist and could not be created (${reasonOf(error as Error)}). Unless the broker makes ` +
          `topics by itself, create it: kafka-topics.sh --create --topic ${topic} --partitions ${partitions}`,
      );
    }
  });
}

/** kafkajs puts the reasons of several topics into one error. */
function reasonOf(error: Error & { readonly errors?: readonly Error[] }): string {
  return error.errors?.map(({ message }) => message).join('; ') ?? error.message;
}
