import { describe, expect, it, jest } from '@jest/globals';
import { joinPolled } from '../../../../web/src/api/join-polled.js';
import type { Problem } from '../../../../web/src/api/problem.js';
import type { PolledFigure } from '../../../../web/src/api/use-polled.js';

const BUSY: Problem = { kind: 'busy', status: 429, code: null, detail: null, retryAfterMs: null };

function figure<T>(part: Partial<PolledFigure<T>>): PolledFigure<T> {
  return {
    ...{ data: null, asOfMs: null, problem: null, isLoading: false, retryAtMs: null },
    retry: () => undefined,
    ...part,
  };
}

describe('two figures of one panel', () => {
  it('are shown when both have arrived, as old as the older one', () => {
    expect(joinPolled(figure({ data: 1, asOfMs: 20 }), figure({ data: 2, asOfMs: 10 }))).toMatchObject({
      data: [1, 2],
      asOfMs: 10,
    });
  });

  it('wait while one is loading', () => {
    const joined = joinPolled(figure({ data: 1, asOfMs: 20 }), figure<number>({ isLoading: true }));
    expect(joined).toMatchObject({ data: null, asOfMs: null, isLoading: true });
  });

  it('have a problem when one has, and the sooner attempt', () => {
    const joined = joinPolled(
      figure({ data: 1, retryAtMs: null }),
      figure<number>({ problem: BUSY, retryAtMs: 500 }),
    );
    expect(joined).toMatchObject({ problem: BUSY, retryAtMs: 500 });
  });

  it('are retried together', () => {
    const [first, second] = [jest.fn(), jest.fn()];
    joinPolled(figure({ retry: first }), figure({ retry: second })).retry();
    expect(first).toHaveBeenCalledTimes(1);
    expect(second).toHaveBeenCalledTimes(1);
  });
});
