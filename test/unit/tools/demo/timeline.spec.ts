import { describe, expect, it } from '@jest/globals';
import { addDaysToKey } from '../../../../src/shared/utils/timezone.util.js';
import { Timeline } from '../../../../tools/demo/timeline.js';

const FIRST_DAY = '2025-01-01';
const timeline = new Timeline(FIRST_DAY);
const plans = Array.from({ length: 90 }, (_, number) => timeline.planOf(addDaysToKey(FIRST_DAY, number)));
const dau = plans.map((plan) => plan.dau);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const dayAt = (number: number) => plans[number]!;

describe('the history of the demo', () => {
  it('is the same for the same first day, in whatever order it is read', () => {
    const again = new Timeline(FIRST_DAY);
    expect(again.planOf(addDaysToKey(FIRST_DAY, 89))).toEqual(dayAt(89));
    expect(again.planOf(addDaysToKey(FIRST_DAY, 10))).toEqual(dayAt(10));
  });

  it('grows, with a launch and a dip', () => {
    expect(mean(dau.slice(83))).toBeGreaterThan(1.8 * mean(dau.slice(0, 7)));
    expect(mean(dau.slice(30, 37))).toBeGreaterThan(1.3 * mean(dau.slice(23, 30)));
    expect(dau[67]).toBeLessThan(0.65 * dau[60]!);
    expect(dau[69]).toBeGreaterThan(0.85 * dau[62]!);
  });

  it('has more users at weekends', () => {
    const ofWeekday = (weekdays: readonly number[]): number[] =>
      plans.flatMap((plan, number) =>
        number >= 70 && weekdays.includes(new Date(plan.day).getUTCDay()) ? [plan.dau] : [],
      );
    expect(mean(ofWeekday([0, 6]))).toBeGreaterThan(1.1 * mean(ofWeekday([1, 2, 3, 4])));
  });

  it('has users in all 34 provinces, by their population', () => {
    const counts = new Map<string, number>();
    for (const { visits } of plans)
      for (const { user } of visits)
        counts.set(user.place.province, (counts.get(user.place.province) ?? 0) + 1);
    expect(counts.size).toBe(34);
    expect(counts.get('广东省')).toBeGreaterThan(2 * (counts.get('福建省') ?? 0));
    expect(counts.get('西藏自治区')).toBeLessThan(0.1 * (counts.get('四川省') ?? 0));
  });

  it('has new users who come and go with the weekday, the launch and the dip', () => {
    const joiners = plans.map(
      ({ visits }, number) =>
        new Set(visits.filter(({ user }) => user.joined === number).map(({ user }) => user.userId)).size,
    );
    expect(new Set(joiners.slice(70)).size).toBeGreaterThan(5);
    expect(joiners[30]).toBeGreaterThan(4 * joiners[23]!);
    expect(joiners[67]).toBeLessThan(0.7 * joiners[60]!);
  });

  it('keeps some of its new users, fewer with each week', () => {
    const joined = new Set(
      dayAt(31)
        .visits.filter(({ user }) => user.joined === 31)
        .map(({ user }) => user.userId),
    );
    const kept = (after: number): number =>
      new Set(
        dayAt(31 + after)
          .visits.map(({ user }) => user.userId)
          .filter((id) => joined.has(id)),
      ).size / joined.size;
    expect(joined.size).toBeGreaterThan(100);
    expect(kept(1)).toBeGreaterThan(kept(21));
    expect(kept(21)).toBeGreaterThan(0.08);
    expect(kept(1)).toBeLessThan(0.7);
  });

  it('has a snapshot for each minute, except those of the outage', () => {
    const days = [...timeline.between(dayAt(66).startMs, dayAt(69).startMs)];
    expect(days.map(({ snapshots }) => snapshots.length)).toEqual([1440, 1440 - 155, 1440, 0]);
  });

  it('has most users online in the evening, fewest before dawn, and no step at midnight', () => {
    const { startMs } = dayAt(80);
    const at = (hour: number): number => timeline.onlineAt(dayAt(80), startMs + hour * 3_600_000);
    expect(at(21)).toBeGreaterThan(at(12.6));
    expect(at(12.6)).toBeGreaterThan(4 * at(4));
    expect(timeline.onlineAt(dayAt(81), startMs + 24.1 * 3_600_000)).toBeGreaterThan(0.6 * at(23.9));
  });

  it('has only what lies within the span', () => {
    const fromMs = dayAt(10).startMs + 3_600_000;
    const untilMs = dayAt(11).startMs + 7_200_000;
    const parts = [...timeline.between(fromMs, untilMs)];
    const times = parts.flatMap(({ events }) =>
      events.map((event) => (event as { clientTs: number }).clientTs * 1000),
    );
    expect(times.length).toBeGreaterThan(300);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(fromMs);
    expect(Math.max(...times)).toBeLessThan(untilMs);
    expect(parts.flatMap(({ snapshots }) => snapshots)).toHaveLength(23 * 60 + 120);
  });
});
