import { describe, expect, it } from '@jest/globals';
import { Actives } from '../../../../../tools/simulation/bookkeeping/actives.js';

describe('Actives', () => {
  it('counts an identity once in total and once in each place', () => {
    const actives = new Actives();
    const day = '2025-03-10';
    actives.add({ day, identity: 'u:1', province: 'A', city: 'a' }, true);
    actives.add({ day, identity: 'u:1', province: 'A', city: 'b' }, true);
    actives.add({ day, identity: 'i:1', province: 'B' }, true);
    actives.add({ day, identity: 'i:2' }, true);
    const { total, byProvince, byCity } = actives.expected(day);
    expect(total).toEqual({ low: 3, high: 3 });
    expect([...byProvince.keys()]).toEqual(['A', 'B']);
    expect(byCity.get('b')).toEqual({ low: 1, high: 1 });
    expect(actives.expected('2025-03-11').total).toEqual({ low: 0, high: 0 });
  });

  it('widens the range by sightings that are only possible', () => {
    const actives = new Actives();
    const day = '2025-03-10';
    actives.add({ day, identity: 'u:1', province: 'A' }, true);
    actives.add({ day, identity: 'u:1', province: 'B' }, false);
    actives.add({ day, identity: 'u:2', province: 'A' }, false);
    const { total, byProvince } = actives.expected(day);
    expect(total).toEqual({ low: 1, high: 2 });
    expect(byProvince.get('A')).toEqual({ low: 1, high: 2 });
    expect(byProvince.get('B')).toEqual({ low: 0, high: 1 });
  });
});
