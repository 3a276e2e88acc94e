import { metricsRegistry } from '../../../src/shared/metrics/metrics.js';
import { expect } from '@jest/globals';

import { gate } from '../deferred.js';
import { waitFor } from '../processes.js';
import { numbered, recorder, scene, type ScenePlan } from './scene.js';

export const DELIVERY_SCENES: readonly ScenePlan[] = [
  scene(
    'the consumer delivers messages from before its first start and messages from after it',
    async (s) => {
      await s.produce([{ key: 'user.account.created', value: '{"a":"省"}', partition: 0 }]);
      const { distinct, handle } = recorder();
      s.consume(handle);
      await waitFor(() => distinct().length === 1, 20_000);
      await s.produce([{ key: null, value: null, partition: 1 }]);
      await waitFor(() => distinct().length === 2);
      expect(distinct()).toEqual([
        { origin: s.originOf(0, 0), key: 'user.account.created', value: '{"a":"省"}', traceparent: null },
        { origin: s.originOf(1, 0), key: null, value: null, traceparent: null },
      ]);
    },
  ),

  scene('the consumer commits after the handler and resumes from there', async (s) => {
    await s.produce(numbered(0, 700));
    const first = recorder();
    const consumer = s.consume(first.handle);
    await waitFor(() => first.finished() === 700, 20_000);
    await s.stop(consumer);
    expect(await s.committed(0)).toBe(700);
    await s.produce(numbered(700, 710));
    const second = recorder();
    s.consume(second.handle);
    await waitFor(() => second.finished() === 10, 20_000);
    expect(second.distinct().map(({ value }) => value)).toEqual(numbered(700, 710).map(({ value }) => value));
  }),

  scene('the consumer counts skipped messages', async (s) => {
    await s.produce(numbered(0, 3));
    const { distinct, handle } = recorder(() => Promise.resolve('skipped'));
    s.consume(handle);
    await waitFor(() => distinct().length === 3, 20_000);
    await waitFor(async () => (await s.counted('skipped')) === 3);
    expect(await s.counted('handled')).toBe(0);
  }),

  scene('the consumer reports its lag and whether it has joined its group', async (s) => {
    const metric = (name: string) => metricsRegistry.getSingleMetricAsString(name);
    await s.produce(numbered(0, 5));
    const release = gate();
    const { handle } = recorder(async ({ value }) => {
      if (value === '4') await release.opened;
      return 'handled';
    });
    const consumer = s.consume(handle);
    const joined = `analytics_consumer_joined{topic="${s.config.topicIdentity}"}`;
    await waitFor(async () => (await metric('analytics_consumer_joined')).includes(`${joined} 1`), 20_000);
    release.open();
    await waitFor(async () =>
      (await metric('analytics_consumer_lag_messages')).includes(
        `{topic="${s.config.topicIdentity}",partition="0"} 0`,
      ),
    );
    await s.stop(consumer);
    expect(await metric('analytics_consumer_joined')).toContain(`${joined} 0`);
  }),
];
