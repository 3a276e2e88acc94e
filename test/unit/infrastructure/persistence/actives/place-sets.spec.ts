import { describe, expect, it } from '@jest/globals';

import { encodeIds } from '../../../../../src/infrastructure/persistence/actives/id-list.js';
import { PlaceSets } from '../../../../../src/infrastructure/persistence/actives/place-sets.js';

const PLACES = 50;

describe('the sets of places', () => {
  it('let others run between the counts of two places, and are empty for the next bucket', async () => {
    const sets = new PlaceSets('city', Infinity);
    for (let place = 1; place <= PLACES; place++)
      sets.add(`city ${place}`, encodeIds(Uint32Array.from({ length: place }, (_, n) => 5 * n)));
    let rests = 0;
    const rest = (): Promise<void> => {
      rests++;
      return Promise.resolve();
    };
    const counts = await sets.take(rest);
    expect(rests).toBe(PLACES);
    expect([...counts.values()]).toEqual(Array.from({ length: PLACES }, (_, n) => n + 1));
    await expect(sets.take(rest)).resolves.toEqual(new Map());
  });
});
