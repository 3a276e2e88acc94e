import { describe, expect, it } from '@jest/globals';
import type { OnlineHistory } from '../../../../web/src/api/types.js';
import {
  changeAt,
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
  it('returns the first peak, the mean of what exists, and the missed minutes before the last snapshot', () => {
    expect(summarizeCurve([4, null, 8, 8, null, null])).toEqual({
      ...{ lastMinute: 3, peak: { minute: 2, count: 8 }, mean: 20 / 3, missed: 1 },
    });
  });

  it('knows nothing of a day without snapshots', () => {
    expect(summarizeCurve([null, null])).toEqual({ lastMinute: null, peak: null, mean: null, missed: 0 });
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
