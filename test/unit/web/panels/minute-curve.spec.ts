import { describe, expect, it } from '@jest/globals';
import type { OnlineHistory } from '../../../../web/src/api/types.js';
import {
  changeAt,
  countMissedMinutes,
  minuteCurve,
  minutesOf,
  summarizeCurve,
} from '../../../../web/src/panels/online-today/minute-curve.js';

const DAY = '2026-11-28';
const history = (...points: readonly (readonly [time: string, count: number])[]) =>
  ({
    data: points.map(([time, onlineCount]) => ({
      ...{ ts: `2026-11-${time}:00.000Z`, onlineCount, min: 0, avg: 0, max: 0, samples: 1 },
    })),
  }) as unknown as OnlineHistory;

describe('minuteCurve', () => {
  it('puts each snapshot on its minute of the day in Shanghai', () => {
    const curve = minuteCurve(history(['27T16:00', 5], ['27T16:02', 7], ['28T15:59', 9]), DAY);
    expect([curve.length, ...curve.slice(0, 4), curve[1439]]).toEqual([1440, 5, null, 7, null, 9]);
  });

  it('leaves out what belongs to another day', () => {
    const curve = minuteCurve(history(['27T15:59', 5], ['28T16:00', 7]), DAY);
    expect(curve.every((count) => count === null)).toBe(true);
  });

  it('names its minutes by their first second', () => {
    const minutes = minutesOf(DAY);
    expect(minutes[0]).toBe(Date.parse('2026-11-27T16:00:00Z') / 1000);
    expect(minutes[1439]).toBe(Date.parse('2026-11-28T15:59:00Z') / 1000);
  });
});

describe('summarizeCurve', () => {
  it('returns the first peak and the mean of what exists', () => {
    expect(summarizeCurve([4, null, 8, 8, null, null])).toEqual({
      ...{ lastMinute: 3, peak: { minute: 2, count: 8 }, mean: 20 / 3 },
    });
  });

  it('knows nothing of a day without snapshots', () => {
    expect(summarizeCurve([null, null])).toEqual({ lastMinute: null, peak: null, mean: null });
  });
});

describe('countMissedMinutes', () => {
  const at = (time: string): number => Date.parse(`2026-11-${time}Z`);

  it.each([
    ['28T00:00:30', 'leaves the running minute out', 480 - 3],
    ['28T00:10:00', 'goes on while no snapshot is stored', 490 - 3],
    ['28T16:00:00', 'ends with the day', 1440 - 3],
    ['27T15:59:59', 'is 0 before the day', 0],
  ])('at %s %s', (time, _what, missed) => {
    const curve = minuteCurve(history(['27T16:00', 5], ['27T16:02', 7], ['27T23:59', 9]), DAY);
    expect(countMissedMinutes(curve, DAY, at(time))).toBe(missed);
  });
});

describe('changeAt', () => {
  it('compares the same minute of two days', () => {
    expect(changeAt(1, [1, 15], [1, 10])).toBeCloseTo(0.5);
  });

  it.each([
    [null, [1, 2]],
    [1, [1, null]],
    [1, [1, 0]],
    [1, null],
  ] as const)('is unknown at minute %p beside %p', (minute, earlier) => {
    expect(changeAt(minute, [1, 15], earlier)).toBeNull();
  });
});
