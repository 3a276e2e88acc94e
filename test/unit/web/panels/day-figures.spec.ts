import { describe, expect, it } from '@jest/globals';
import type { DauDay } from '../../../../web/src/api/types.js';
import { countedAtMs, summarizeDau } from '../../../../web/src/panels/dau/dau-model.js';
import { dayAxis, hasProvisional } from '../../../../web/src/panels/day-series.js';
import { joinWindows, lastFullDay } from '../../../../web/src/panels/rolling/rolling-model.js';

function dauDay(day: string, dauCount: number, part: Partial<DauDay> = {}): DauDay {
  return {
    day,
    dauCount,
    byProvince: {},
    byCity: {},
    isFinal: true,
    version: 1,
    calculatedAt: null,
    ...part,
  };
}

describe('the axis of figures by day', () => {
  it('has the first second of each day in Asia/Shanghai, and marks provisional days', () => {
    const axis = dayAxis([dauDay('2025-01-01', 1), dauDay('2025-01-02', 1, { isFinal: false })]);
    expect(axis.x).toEqual([Date.UTC(2024, 11, 31, 16) / 1000, Date.UTC(2025, 0, 1, 16) / 1000]);
    expect(axis.isProvisional).toEqual([false, true]);
  });

  it('is provisional when one day is', () => {
    expect(hasProvisional([{ isFinal: true }, { isFinal: false }])).toBe(true);
    expect(hasProvisional([{ isFinal: true }])).toBe(false);
  });
});

describe('the summary of DAU', () => {
  const week = Array.from({ length: 9 }, (_, index) => dauDay(`2025-01-0${index + 1}`, 100 + 10 * index));

  it('tells today and yesterday, and yesterday beside the same day of the week before', () => {
    const summary = summarizeDau(week, '2025-01-09');
    expect(summary).toMatchObject({ today: 180, yesterday: 170, weekChange: 0.7 });
  });

  it('takes the mean of full days only', () => {
    expect(summarizeDau(week.slice(6), '2025-01-09')).toMatchObject({ mean: 165, meanDays: 2 });
  });

  it('has no change without a day to compare, and none from 0', () => {
    expect(summarizeDau(week.slice(2), '2025-01-09').weekChange).toBeNull();
    expect(
      summarizeDau([dauDay('2025-01-01', 0), dauDay('2025-01-08', 5)], '2025-01-09').weekChange,
    ).toBeNull();
  });

  it('has no figures before there is a day', () => {
    expect(summarizeDau([], '2025-01-09')).toMatchObject({ today: null, yesterday: null, mean: null });
  });

  it('is as of the newest calculation', () => {
    const [older, newer] = ['2025-01-08T17:00:00.000Z', '2025-01-09T09:00:00.000Z'];
    const days = [
      dauDay('2025-01-09', 1, { calculatedAt: newer }),
      dauDay('2025-01-08', 1, { calculatedAt: older }),
    ];
    expect(countedAtMs(days)).toBe(Date.parse(newer));
    expect(countedAtMs([dauDay('2025-01-09', 0)])).toBeUndefined();
  });
});

describe('rolling windows of 7 and 30 days', () => {
  const week = [
    { day: '2025-01-01', activeCount: 5, dauCount: 2, isFinal: true },
    { day: '2025-01-02', activeCount: 6, dauCount: 3, isFinal: false },
  ];
  const month = [{ day: '2025-01-01', activeCount: 8, dauCount: 2, stickiness: 0.25, isFinal: true }];

  it('are joined by their day; stickiness is that of 30 days', () => {
    expect(joinWindows(week, month)[0]).toEqual({
      ...{ day: '2025-01-01', week: 5, month: 8, dauCount: 2, stickiness: 0.25, isFinal: true },
    });
  });

  it('leave a gap for a day that one answer does not have', () => {
    expect(joinWindows(week, month)[1]).toMatchObject({
      week: 6,
      month: null,
      stickiness: null,
      isFinal: false,
    });
  });

  it('take stickiness from the last day that is over', () => {
    const days = joinWindows(week, month);
    expect(lastFullDay(days, '2025-01-02')?.day).toBe('2025-01-01');
    expect(lastFullDay(days, '2025-01-01')).toBeUndefined();
  });
});
