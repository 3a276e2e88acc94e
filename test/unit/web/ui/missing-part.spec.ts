import { describe, expect, it } from '@jest/globals';
import type { Problem } from '../../../../web/src/api/problem.js';
import { missingPartProblem } from '../../../../web/src/ui/missing-part.js';

const problem: Problem = {
  ...{ kind: 'unavailable', status: 503, code: 'database_unavailable', detail: null, retryAfterMs: null },
};

describe('a part of a figure', () => {
  it('that never arrived is missing by its problem', () => {
    expect(missingPartProblem({ data: null, problem })).toBe(problem);
  });

  it('that is awaited, or that an earlier answer stands in for, is not missing', () => {
    expect(missingPartProblem({ data: null, problem: null })).toBeNull();
    expect(missingPartProblem({ data: [], problem })).toBeNull();
  });
});
