import type { Retention } from '../../api/types.js';
import { addDays } from '../../state/day-range.js';

/** Days after the day of a cohort. */
export const AFTER = [1, 2, 3, 7, 14, 30] as const;

export interface RetentionCell {
  readonly count: number;
  readonly rate: number;
  /** True when neither the cohort nor the later day changes any more. */
  readonly isFinal: boolean;
  /** True while the cohort or the later day may still change. */
  readonly isProvisional: boolean;
}

export interface RetentionRow {
  readonly day: string;
  /** False where nothing is known of the day, as is `isProvisional`. */
  readonly isFinal: boolean;
  readonly isProvisional: boolean;
  readonly size: number;
  /** One for each of `after`; null where that day is not over yet. */
  readonly cells: readonly (RetentionCell | null)[];
}

export interface RetentionTriangle {
  /** Distances of `AFTER` that the range reaches. */
  readonly after: readonly number[];
  /** Distances that only a longer range reaches. */
  readonly beyond: readonly number[];
  /** The newest day first. */
  readonly rows: readonly RetentionRow[];
  /** Rate for each of `after` over the final cells, weighted by cohort size; null where there is none. */
  readonly means: readonly (number | null)[];
  readonly maxRate: number;
}

/** @param finality whether the figures of a day are final; an absent day is unknown, and no mean contains it */
export function toTriangle(
  data: Retention['data'],
  finality: ReadonlyMap<string, boolean>,
): RetentionTriangle {
  const reached = new Set(data.flatMap(({ retained }) => retained.map(({ after }) => after)));
  const isReached = (after: number): boolean => reached.has(after);
  const after = AFTER.filter(isReached);
  const rows = data
    .map(({ day, cohortSize, retained }) => ({
      day,
      isFinal: finality.get(day) === true,
      isProvisional: finality.get(day) === false,
      size: cohortSize,
      cells: after.map((days) => {
        const cell = retained.find((one) => one.after === days);
        if (cell === undefined) return null;
        const both = [finality.get(day), finality.get(addDays(day, days))];
        return {
          ...{ count: cell.count, rate: cell.rate },
          ...{ isFinal: both.every((one) => one === true), isProvisional: both.includes(false) },
        };
      }),
    }))
    .reverse();
  const filled = rows.filter(({ size }) => size > 0);
  const rates = filled.flatMap(({ cells }) => cells.flatMap((cell) => (cell === null ? [] : [cell.rate])));
  return {
    after,
    beyond: AFTER.filter((days) => !isReached(days)),
    rows,
    means: after.map((_, index) => weightedMean(filled, index)),
    maxRate: Math.max(0, ...rates),
  };
}

function weightedMean(rows: readonly RetentionRow[], index: number): number | null {
  let [retained, users] = [0, 0];
  for (const { size, cells } of rows) {
    const cell = cells[index];
    if (cell?.isFinal !== true) continue;
    retained += cell.count;
    users += size;
  }
  return users === 0 ? null : retained / users;
}
