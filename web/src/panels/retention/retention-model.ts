import type { Retention } from '../../api/types.js';
import { addDays } from '../../state/day-range.js';

/** Days after the day of a cohort. */
export const AFTER = [1, 2, 3, 7, 14, 30] as const;

export interface RetentionCell {
  readonly count: number;
  readonly rate: number;
  /** True while the cohort or the later day may still change. */
  readonly isProvisional: boolean;
}

export interface RetentionRow {
  readonly day: string;
  readonly isProvisional: boolean;
  readonly size: number;
  /** One for each of `after`; null where that day is not over yet. */
  readonly cells: readonly (RetentionCell | null)[];
}

export interface RetentionTriangle {
  readonly after: readonly number[];
  /** The newest day first. */
  readonly rows: readonly RetentionRow[];
  /** Mean rate for each of `after` over the cohorts that have users; null where there is none. */
  readonly means: readonly (number | null)[];
  readonly maxRate: number;
}

/** @param provisional the days whose figures may still change */
export function toTriangle(data: Retention['data'], provisional: ReadonlySet<string>): RetentionTriangle {
  const rows = data
    .map(({ day, cohortSize, retained }) => ({
      day,
      isProvisional: provisional.has(day),
      size: cohortSize,
      cells: AFTER.map((after) => {
        const cell = retained.find((one) => one.after === after);
        if (cell === undefined) return null;
        const isProvisional = provisional.has(day) || provisional.has(addDays(day, after));
        return { count: cell.count, rate: cell.rate, isProvisional };
      }),
    }))
    .reverse();
  const filled = rows.filter(({ size }) => size > 0);
  const ratesOf = (index: number): number[] =>
    filled.flatMap(({ cells }) => {
      const cell = cells[index];
      return cell === null || cell === undefined ? [] : [cell.rate];
    });
  return {
    after: AFTER,
    rows,
    means: AFTER.map((_, index) => mean(ratesOf(index))),
    maxRate: Math.max(0, ...AFTER.flatMap((_, index) => ratesOf(index))),
  };
}

function mean(rates: readonly number[]): number | null {
  return rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
}
