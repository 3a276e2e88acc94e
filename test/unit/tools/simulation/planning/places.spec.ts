import { describe, expect, it } from '@jest/globals';
import { elsewhere, PROVINCES, somewhere, spell } from '../../../../../tools/simulation/planning/places.js';
import { placeNames } from '../../../../../src/domain/value-objects/place-names.vo.js';
import { Random } from '../../../../../tools/simulation/planning/random.js';

describe('places', () => {
  it('cover the 34 provinces and at least 60 cities, each city in one province', () => {
    expect(PROVINCES).toHaveLength(34);
    const cities = PROVINCES.flatMap((province) => province.cities.map(({ name }) => name));
    expect(cities.length).toBeGreaterThanOrEqual(60);
    expect(new Set(cities).size).toBe(cities.length);
  });

  it('are drawn in proportion to population', () => {
    const random = Random.from('places');
    const drawn = Array.from({ length: 20_000 }, () => somewhere(random).province);
    const share = (name: string): number =>
      drawn.filter((province) => province === name).length / drawn.length;
    expect(share('广东省')).toBeCloseTo(0.089, 1);
    expect(share('广东省')).toBeGreaterThan(share('澳门特别行政区') * 20);
  });

  it('include another city for every traveller', () => {
    const random = Random.from('travel');
    for (let draw = 0; draw < 200; draw += 1) {
      const home = somewhere(random);
      expect(elsewhere(random, home).city).not.toBe(home.city);
    }
  });

  it('are spelled in several ways, which the service names as planned', () => {
    const names = placeNames('canonical');
    for (const { name, cities } of PROVINCES) {
      const spellings = [0, 1, 2, 3].map((seed) =>
        spell({ province: name, city: cities[0]?.name ?? '' }, seed),
      );
      expect(new Set(spellings.map(({ province }) => province)).size).toBe(4);
      for (const { province, city = '' } of spellings) {
        expect(names.province(province)).toBe(name);
        expect(names.city(city, name)).toBe(cities[0]?.name);
      }
    }
  });
});
