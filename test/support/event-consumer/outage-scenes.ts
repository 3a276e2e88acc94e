import type { ProxiedKafka } from '../kafka/cluster.js';
import { sleep, waitFor } from '../processes.js';
import { disturbingScene, numbered, recorder, type ScenePlan } from './scene.js';

const OUTAGES = [
  ['cut off', (k: ProxiedKafka) => k.interrupt(), (k: ProxiedKafka) => k.restore(), 3_000],
  ['frozen beyond any time limit', (k: ProxiedKafka) => k.freeze(), (k: ProxiedKafka) => k.thaw(), 12_000],
] as const;

export const OUTAGE_SCENES: readonly ScenePlan[] = [
  disturbingScene('a consumer that starts before Kafka is available consumes once it is', async (s) => {
    s.kafka.interrupt();
    const { distinct, handle } = recorder();
    s.consume(handle);
    await s.produce(numbered(0, 5));
    await sleep(500);
    s.kafka.restore();
    await waitFor(() => distinct().length === 5, 30_000);
  }),
  ...OUTAGES.map(([fault, fail, heal, milliseconds]) =>
    disturbingScene(`a consumer resumes after its Kafka was ${fault}`, async (s) => {
      const { finished, handle } = recorder();
      s.consume(handle);
      await s.produce(numbered(0, 50));
      await waitFor(() => finished() === 50, 20_000);
      fail(s.kafka);
      await sleep(milliseconds);
      heal(s.kafka);
      await s.produce(numbered(50, 100));
      await waitFor(() => finished() === 100, 60_000);
      await waitFor(async () => (await s.committed(0)) === 100, 30_000);
    }),
  ),
];
