import { expect } from '@jest/globals';

import { waitFor } from '../processes.js';
import { numbered, outage, recorder, scene, type ScenePlan } from './scene.js';

export const UNAVAILABLE_DEPENDENCY_SCENES: readonly ScenePlan[] = [
  scene(
    'an unavailable dependency holds its partition alone, commits the messages before it, and is retried until it recovers',
    async (s) => {
      await s.produce([...numbered(0, 10, 0), ...numbered(0, 10, 1)]);
      let unavailable = true;
      const { delivered, finished, handle } = recorder((message) =>
        unavailable && message.origin === s.originOf(0, 4)
          ? Promise.reject(outage())
          : Promise.resolve('handled'),
      );
      s.consume(handle);
      const attempts = () => delivered.filter(({ origin }) => origin === s.originOf(0, 4)).length;
      await waitFor(() => attempts() >= 3, 30_000);
      await waitFor(async () => (await s.committed(1)) === 10, 20_000);
      expect(await s.committed(0)).toBe(4);
      unavailable = false;
      await waitFor(async () => (await s.committed(0)) === 10, 30_000);
      expect(finished()).toBe(20);
      expect(await s.counted('dead_lettered')).toBe(0);
      expect(await s.counted('handled')).toBe(20);
    },
  ),

  scene('an unavailable dependency never makes a dead letter', async (s) => {
    await s.produce(numbered(0, 1));
    const { delivered, handle } = recorder(() => Promise.reject(outage()));
    s.consume(handle);
    // Six deliveries exceed the five attempts of an unknown failure.
    await waitFor(() => delivered.length >= 6, 60_000);
    expect(await s.counted('dead_lettered')).toBe(0);
    expect(await s.committed(0)).toBeLessThanOrEqual(0);
  }),
];
