import { describe, expect, it } from '@jest/globals';
import { HEAT_STEPS, heatBounds, heatClass } from '../../../../web/src/ui/heat-scale.js';

describe('shades of a heat map', () => {
  it('are none for 0, the strongest for the largest, and never fall as values rise', () => {
    expect(heatClass(0, 100)).toBe('heat-0');
    expect(heatClass(1, 100_000)).toBe('heat-1');
    expect(heatClass(100, 100)).toBe(`heat-${HEAT_STEPS}`);
    const shades = Array.from({ length: 101 }, (_, value) => heatClass(value, 100));
    expect(shades).toEqual([...shades].sort());
    expect(new Set(shades).size).toBe(HEAT_STEPS + 1);
  });

  it('are none when there is nothing to compare with', () => {
    expect(heatClass(0, 0)).toBe('heat-0');
  });

  it('end at the bounds that the legend names', () => {
    const bounds = heatBounds(4900);
    expect(bounds.map(Math.round)).toEqual([100, 400, 900, 1600, 2500, 3600, 4900]);
    expect(bounds.map((bound) => heatClass(Math.floor(bound), 4900))).toEqual(
      bounds.map((_, index) => `heat-${index + 1}`),
    );
  });
});
