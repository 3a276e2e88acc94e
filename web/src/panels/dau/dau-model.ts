import type { DauDay } from '../../api/types.js';
import { addDays } from '../../state/day-range.js';

export interface DauSummary {
  /** Null when the answer does not have the day. */
  readonly today: number | null;
  readonly yesterday: number | null;
  /** Change of yesterday to the same day of the week before. */
  readonly weekChange: number | null;
  /** Mean of the days that are over: a day that has just begun would lower it. */
  readonly mean: number | null;
  readonly meanDays: number;
}

export function summarizeDau(data: readonly DauDay[], today: string): DauSummary {
  const countOn = (day: string): number | null => data.find((one) => one.day === day)?.dauCount ?? null;
  const yesterday = countOn(addDays(today, -1));
  const before = countOn(addDays(today, -8));
  const over = data.filter(({ day }) => day < today);
  const sum = over.reduce((total, { dauCount }) => total + dauCount, 0);
  return {
    today: countOn(today),
    yesterday,
    weekChange: yesterday === null || before === null || before === 0 ? null : yesterday / before - 1,
    mean: over.length === 0 ? null : sum / over.length,
    meanDays: over.length,
  };
}

/** Returns when the newest figure was counted, Unix milliseconds; undefined when no day ever had an active. */
export function countedAtMs(data: readonly DauDay[]): number | undefined {
  const times = data.flatMap(({ calculatedAt }) => (calculatedAt === null ? [] : [Date.parse(calculatedAt)]));
  return times.length === 0 ? undefined : Math.max(...times);
}
