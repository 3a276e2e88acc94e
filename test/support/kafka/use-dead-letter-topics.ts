import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';

import { startKafka, type ProxiedKafka } from './cluster.js';
import { DeadLetterTopics } from './dead-letter-topics.js';

/**
 * Gives each test of the file new topics on one Kafka, and ends every outage that the test has caused.
 *
 * @param assign runs before each test
 */
export function useDeadLetterTopics(assign: (topics: DeadLetterTopics, kafka: ProxiedKafka) => void): void {
  let kafka: ProxiedKafka;
  let topics: DeadLetterTopics;

  beforeAll(async () => {
    kafka = await startKafka();
  });

  beforeEach(() => {
    topics = new DeadLetterTopics(kafka);
    assign(topics, kafka);
  });

  afterEach(async () => {
    kafka.restore();
    kafka.thaw();
    await topics.close();
  });

  afterAll(() => kafka.stop());
}
