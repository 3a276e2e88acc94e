import { expect } from '@jest/globals';

import { KafkaConsumerLag } from '../../../src/infrastructure/kafka/consumer/kafka-consumer-lag.js';
import { isRealKafka } from '../kafka/cluster.js';
import { waitFor } from '../processes.js';
import { disturbingScene, numbered, recorder, scene, type ScenePlan } from './scene.js';

export const LAG_SCENES: readonly ScenePlan[] = [
  scene(
    'the lag counts the messages after the offsets that the group has committed, also while no consumer runs',
    async (s) => {
      await s.produce([...numbered(0, 20, 0), ...numbered(0, 10, 1)]);
      const [lag, elsewhere] = [new KafkaConsumerLag(s.config), new KafkaConsumerLag(s.config)];
      await waitFor(async () => (await lag.countMessages()) === 30, 30_000);
      const { finished, handle } = recorder();
      const consumer = s.consume(handle);
      await waitFor(() => finished() === 30, 60_000);
      await waitFor(async () => (await lag.countMessages()) === 0, 30_000);
      await s.stop(consumer);
      await s.produce(numbered(20, 25, 0));
      await waitFor(async () => (await elsewhere.countMessages()) === 5, 30_000);
    },
  ),
  scene('the lag of a topic that does not exist yet is 0', async (s) => {
    // The mock cluster makes a topic that a client asks for.
    if (isRealKafka()) expect(await new KafkaConsumerLag(s.config).countMessages()).toBe(0);
  }),
  disturbingScene('the lag is an error within a bounded time while Kafka is unavailable', async (s) => {
    await s.produce(numbered(0, 3));
    s.kafka.interrupt();
    const lag = new KafkaConsumerLag(s.config);
    await expect(lag.countMessages()).rejects.toThrow();
    s.kafka.restore();
    await waitFor(async () => (await lag.countMessages().catch(() => null)) === 3, 30_000);
  }),
];
