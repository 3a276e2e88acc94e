import { Logger } from '@nestjs/common';

const logger = new Logger('KafkaTopics');
/** Topics whose creation was requested in the log already. */
const requestedTopics = new Set<string>();

/** Logs, once for each topic, the command that creates a topic which the broker did not let the service create. */
export function requestTopic(topic: string, partitions: number, reason: string): void {
  if (requestedTopics.has(topic)) return;
  requestedTopics.add(topic);
  logger.warn(
    `Topic ${topic} does not exist and could not be created (${reason}). Unless the broker makes ` +
      `topics by itself, create it: kafka-topics.sh --create --topic ${topic} --partitions ${partitions}`,
  );
}
