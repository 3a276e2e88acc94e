import { describe, expect, it } from '@jest/globals';
import { daySplits, timeSplits } from '../../../../web/src/ui/axis-splits.js';
import { movedIndex } from '../../../../web/src/ui/chart-keys.js';
import {
  drawnSeries,
  latestIndex,
  loneIndexes,
  type ChartSeries,
} from '../../../../web/src/ui/chart-model.js';

const series = (part: Partial<ChartSeries>): ChartSeries => ({
  ...{ label: 'a', values: [1, 2, null, 4], colour: 'series-1', kind: 'line' },
  ...part,
});
const DAY = 86_400;

describe('drawnSeries', () => {
  it('draws a series as it is, gaps as gaps', () => {
    expect(drawnSeries([series({})], undefined, false).map(({ values }) => values)).toEqual([
      [1, 2, null, 4],
    ]);
  });

  it('draws provisional bars apart', () => {
    const drawn = drawnSeries([series({ kind: 'bars' })], [false, false, false, true], false);
    expect(drawn.map(({ values, isProvisional }) => [isProvisional, values])).toEqual([
      [false, [1, 2, null, null]],
      [true, [null, null, null, 4]],
    ]);
  });

  it('begins the provisional part of a line where the final one ends', () => {
    const drawn = drawnSeries([series({ values: [1, 2, 3, 4] })], [false, false, true, true], false);
    expect(drawn.map(({ values }) => values)).toEqual([
      [1, 2, null, null],
      [null, 2, 3, 4],
    ]);
  });

  it('stacks series, the highest drawn first', () => {
    const drawn = drawnSeries(
      [
        series({ label: 'low', values: [1, null, 3, null] }),
        series({ label: 'high', values: [10, 20, null, null] }),
      ],
      undefined,
      true,
    );
    expect(drawn.map(({ series: { label }, values }) => [label, values])).toEqual([
      ['high', [11, 20, 3, null]],
      ['low', [1, null, 3, null]],
    ]);
  });
});

describe('loneIndexes', () => {
  it.each([
    [[null, null, 5], [2]],
    [
      [5, null, 6],
      [0, 2],
    ],
    [
      [1, null, 0, null, 2, 3],
      [0, 2],
    ],
    [[1, 2, null, 3, 4], []],
    [[7], [0]],
    [[undefined, 7, undefined], [1]],
    [[], []],
  ])('finds in %j the values without a neighbour', (values, lone) => {
    expect(loneIndexes(values)).toEqual(lone);
  });
});

describe('latestIndex', () => {
  it('is the last value of the first series, whatever stands behind it', () => {
    expect(latestIndex([series({ values: [1, null, 3, null] }), series({})], 4)).toBe(2);
  });

  it('is the last x where there is no value', () => {
    expect([latestIndex([series({ values: [null] })], 4), latestIndex([], 0)]).toEqual([3, 0]);
  });
});

describe('splits of an axis', () => {
  const days = Array.from({ length: 30 }, (_, day) => day * DAY);

  it.each([100, 360, 700, 1_500, 3_000])(
    'name the last day, evenly apart, without overlap at %i px',
    (width) => {
      const splits = daySplits(days, width, 60);
      expect(splits.at(-1)).toBe(29 * DAY);
      expect(splits.length).toBeLessThanOrEqual(Math.max(1, width / 60));
      const steps = splits.slice(1).map((split, index) => split - (splits[index] ?? 0));
      expect(new Set(steps).size).toBeLessThanOrEqual(1);
    },
  );

  it('name no day where there is none, and the only one where there is one', () => {
    expect(daySplits([], 500, 60)).toEqual([]);
    expect(daySplits([DAY], 500, 60)).toEqual([DAY]);
  });

  it('name round hours from the start of a day', () => {
    expect(timeSplits(0, DAY - 60, 700, 60).map((seconds) => seconds / 3600)).toEqual([
      ...[0, 3, 6, 9, 12, 15, 18, 21],
    ]);
  });
});

describe('movedIndex', () => {
  it.each([
    ['ArrowRight', 3, 4],
    ['ArrowLeft', 3, 2],
    ['ArrowLeft', 0, 0],
    ['ArrowRight', 9, 9],
    ['PageUp', 3, 9],
    ['PageDown', 3, 0],
    ['Home', 3, 0],
    ['End', 3, 9],
    ['ArrowLeft', null, 7],
    ['Home', null, 0],
    ['Escape', 3, null],
    ['Tab', 3, undefined],
  ])('%s at %p of ten values leads to %p', (key, index, expected) => {
    expect(movedIndex(key, index, { length: 10, latest: 7 })).toBe(expected);
  });
});
