import { describe, expect, it } from '@jest/globals';
import { plainProblem, ProblemError, problemOf, type Problem } from '../../../../web/src/api/problem.js';

const REFUSED: Problem = { ...plainProblem('refused'), status: 400, code: 'date_range_invalid' };

describe('problemOf', () => {
  it.each([
    ['an answer that is a problem', new ProblemError(REFUSED), 'refused'],
    ['a request that took too long', new DOMException('signal timed out', 'TimeoutError'), 'slow'],
    ['a connection that fails', new TypeError('Failed to fetch'), 'unreachable'],
    ['anything else', 'a text', 'unreachable'],
  ])('tells %s', (_, error, kind) => {
    expect(problemOf(error).kind).toBe(kind);
  });
});
