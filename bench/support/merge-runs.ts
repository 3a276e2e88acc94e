import type { Memory, Results } from './results.js';

/** The figures of a page, from one or several runs. */
export type Figures = Pick<Results, 'comparisons' | 'growth' | 'memory' | 'storage'>;

/** Merges runs into one set of figures; the latest run wins where several measured the same. */
export function mergeRuns(runs: readonly Results[]): Figures {
  const keepLast = <T>(all: readonly T[], key: (one: T) => string): T[] => [
    ...new Map(all.map((one) => [key(one), one])).values(),
  ];
  return {
    comparisons: keepLast(
      runs.flatMap(({ comparisons }) => comparisons),
      ({ id }) => id,
    ),
    growth: keepLast(
      runs.flatMap(({ growth }) => growth),
      ({ what }) => what,
    ),
    memory: Object.assign({}, ...runs.map(({ memory }) => memory)) as Memory,
    storage: runs.findLast(({ storage }) => storage !== null)?.storage ?? null,
  };
}
