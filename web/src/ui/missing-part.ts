import type { Polled } from '../api/polled-resource.js';
import type { Problem } from '../api/problem.js';

export type FigurePart = Pick<Polled<unknown>, 'data' | 'problem'>;

/** Returns why a part is missing; null while it is awaited, and where an earlier answer stands in for it. */
export function missingPartProblem({ data, problem }: FigurePart): Problem | null {
  return data === null ? problem : null;
}
