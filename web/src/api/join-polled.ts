import type { PolledFigure } from './use-polled.js';

/** Makes one figure of two: it is shown when both have arrived, and is as old as the older one. */
export function joinPolled<A, B>(first: PolledFigure<A>, second: PolledFigure<B>): PolledFigure<[A, B]> {
  const isWhole = first.data !== null && second.data !== null;
  return {
    data: first.data !== null && second.data !== null ? [first.data, second.data] : null,
    asOfMs: isWhole ? earlier(first.asOfMs, second.asOfMs) : null,
    problem: first.problem ?? second.problem,
    isLoading: first.isLoading || second.isLoading,
    retryAtMs: earlier(first.retryAtMs, second.retryAtMs),
    retry: () => {
      first.retry();
      second.retry();
    },
  };
}

function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
