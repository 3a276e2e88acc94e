import type { MessageHandler } from '../../../src/application/ports/event-consumer.port.js';
import { expect } from '@jest/globals';

import { gate } from '../deferred.js';
import { sleep, waitFor } from '../processes.js';
import { disturbingScene, numbered, PARTITIONS, recorder, scene, type ScenePlan } from './scene.js';

export const SHUTDOWN_SCENES: readonly ScenePlan[] = [
  scene('a shutdown waits for the message in flight and commits it', async (s) => {
    await s.produce(numbered(0, 20));
    const [begun, release] = [gate(), gate()];
    const first = recorder(async () => {
      begun.open();
      await release.opened;
      return 'handled';
    });
    const consumer = s.consume(first.handle);
    await begun.opened;
    const stopped = s.stop(consumer);
    await sleep(200);
    release.open();
    await stopped;
    expect(first.finished()).toBe(20);
    expect(await s.committed(0)).toBe(20);
  }),

  disturbingScene('a shutdown ends after the brokers become unavailable', async (s) => {
    await s.produce(numbered(0, 20));
    const begun = gate();
    const consumer = s.consume(async () => {
      begun.open();
      await sleep(3_000);
      return 'handled';
    });
    await begun.opened;
    s.kafka.interrupt();
    // The consumer notices the outage and starts new fetch loops while the handler runs.
    await sleep(2_900);
    await s.stop(consumer);
  }),

  disturbingScene('a shutdown ends within 8 s when the consumer never connected', async (s) => {
    s.kafka.interrupt();
    const consumer = s.consume(recorder().handle);
    await sleep(50);
    const started = performance.now();
    await s.stop(consumer);
    expect(performance.now() - started).toBeLessThan(8_000);
  }),

  scene(
    'a shutdown hands its partitions to the other members, and no message is missed during rebalances',
    async (s) => {
      const seen = new Set<string>();
      const judge: MessageHandler = async ({ origin }) => {
        await sleep(2);
        seen.add(origin);
        return 'handled';
      };
      const total = 1_200;
      const feed = (async () => {
        for (let start = 0; start < total; start += 100) {
          await s.produce(
            Array.from({ length: 100 }, (_, i) => ({
              key: 'key',
              value: String(start + i),
              partition: (start + i) % PARTITIONS,
            })),
          );
          await sleep(150);
        }
      })();
      const one = s.consume(judge);
      await waitFor(() => seen.size > 50, 20_000);
      s.consume(judge);
      await waitFor(() => seen.size > 400, 30_000);
      await s.stop(one);
      await feed;
      await waitFor(() => seen.size === total, 60_000, { what: 'all messages by the remaining member' });
    },
  ),
];
