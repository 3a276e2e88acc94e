import { Logger } from '@nestjs/common';
import { Admin } from '@platformatic/kafka';
import type { KafkaConfig } from '../../../config/kafka.config.js';
import { retryDuringElection } from '../leader-election.js';
import { requestTopic } from '../missing-topics.js';
import { PlatformaticConnections } from './platformatic-connections.js';
import { PublishingError } from './platformatic-errors.js';
import { platformaticOptions } from './platformatic-options.js';

const logger = new Logger('KafkaTopics');

/** Opens an admin connection for one piece of work. @throws PublishingError */
export async function withPlatformaticAdmin<T>(
  config: KafkaConfig,
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = new Admin(platformaticOptions(config));
  const connections = new PlatformaticConnections(admin);
  try {
    return await work(admin);
  } catch (error) {
    throw new PublishingError(error);
  } finally {
    await connections.close();
  }
}

/** Creates the topic unless it exists, and waits for its leaders; logs the command for it when the broker refuses. */
export async function ensurePlatformaticTopic(
  admin: Admin,
  topic: string,
  config: KafkaConfig,
): Promise<void> {
  if (await exists(admin, topic)) return;
  const { partitions, replicationFactor } = config.newTopics;
  try {
    await admin.createTopics({ topics: [topic], partitions, replicas: replicationFactor });
    logger.log(`Topic ${topic} created with ${partitions} partitions`);
  } catch (error) {
    const { refusals, message } = new PublishingError(error);
    if (refusals.length === 0) throw error;
    // Another replica created it first.
    if (!refusals.includes('TOPIC_ALREADY_EXISTS')) {
      requestTopic(topic, partitions, message);
      return;
    }
  }
  await waitForLeaders(admin, topic);
}

/** Asks about this topic alone, since another one without a leader would fail a request about all of them. */
async function exists(admin: Admin, topic: string): Promise<boolean> {
  try {
    await admin.metadata({ topics: [topic], forceUpdate: true });
    return true;
  } catch (error) {
    if (new PublishingError(error).isUnknownTopic) return false;
    throw error;
  }
}

/** Asks the leader of each partition for its end. @throws Error when one does not answer */
export async function askLeaders(admin: Admin, topic: string): Promise<void> {
  const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true });
  const partitions = topics.get(topic)?.partitions ?? [];
  await admin.listOffsets({
    topics: [
      {
        name: topic,
        partitions: partitions.map((_, partitionIndex) => ({ partitionIndex, timestamp: -1n })),
      },
    ],
  });
}

/** A leader may refuse its partition for a moment after its election, which only a request to it shows. */
function waitForLeaders(admin: Admin, topic: string): Promise<void> {
  const isElection = (error: unknown): boolean => new PublishingError(error).isStale;
  return retryDuringElection(() => askLeaders(admin, topic), { isElection });
}
