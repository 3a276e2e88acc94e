import type { OnlineHistory } from '../../api/types.js';
import { startOfShanghaiDay } from '../../state/day-range.js';

const MINUTE_MS = 60_000;
/** Asia/Shanghai has no changes of the clock. */
export const MINUTES_A_DAY = 1440;

/** A value for each minute of a day; null where no snapshot was stored. */
export type MinuteCurve = readonly (number | null)[];

/** Spreads the snapshots of a day over its minutes. */
export function minuteCurve(history: OnlineHistory, day: string): MinuteCurve {
  const startMs = startOfShanghaiDay(day);
  const curve = new Array<number | null>(MINUTES_A_DAY).fill(null);
  for (const { ts, onlineCount } of history.data) {
    const minute = Math.floor((Date.parse(ts) - startMs) / MINUTE_MS);
    if (minute >= 0 && minute < MINUTES_A_DAY) curve[minute] = onlineCount;
  }
  return curve;
}

export function isEmptyCurve(curve: MinuteCurve): boolean {
  return curve.every((count) => count === null);
}

/** Returns the Unix seconds of each minute of a day. */
export function minutesOf(day: string): number[] {
  const start = startOfShanghaiDay(day) / 1000;
  return Array.from({ length: MINUTES_A_DAY }, (_, minute) => start + minute * 60);
}

export interface CurveSummary {
  /** Index of the last minute with a snapshot; null when there is none. */
  readonly lastMinute: number | null;
  readonly peak: { readonly minute: number; readonly count: number } | null;
  /** Mean of the snapshots that exist. */
  readonly mean: number | null;
}

export function summarizeCurve(curve: MinuteCurve): CurveSummary {
  let peak: CurveSummary['peak'] = null;
  let [sum, samples] = [0, 0];
  let lastMinute: number | null = null;
  for (const [minute, count] of curve.entries()) {
    if (count === null) continue;
    if (peak === null || count > peak.count) peak = { minute, count };
    sum += count;
    samples += 1;
    lastMinute = minute;
  }
  return {
    ...{ lastMinute, peak },
    mean: samples === 0 ? null : sum / samples,
  };
}

/** Counts the minutes without a snapshot that were over at an instant (Unix milliseconds), as the service does. */
export function countMissedMinutes(curve: MinuteCurve, day: string, nowMs: number): number {
  const over = Math.floor((nowMs - startOfShanghaiDay(day)) / MINUTE_MS);
  return curve.slice(0, Math.max(0, over)).filter((count) => count === null).length;
}

/** Returns the change from another day's curve to this one, at the last minute of this one; null when unknown. */
export function changeAt(
  minute: number | null,
  curve: MinuteCurve,
  earlier: MinuteCurve | null,
): number | null {
  if (minute === null) return null;
  const [now, before] = [curve[minute] ?? null, earlier?.[minute] ?? null];
  return now === null || before === null || before === 0 ? null : now / before - 1;
}
