import { describe, expect, it } from '@jest/globals';
import type { LiveState } from '../../../../web/src/api/live.js';
import type { LiveStatus } from '../../../../web/src/api/types.js';
import { withGaps } from '../../../../web/src/panels/online-now/with-gaps.js';
import { problemOfLiveFigure } from '../../../../web/src/state/live-figure.js';
import { LiveFigures } from '../../../../web/src/state/live-figures.js';

const online = (seconds: number, count: number) => ({
  name: 'online',
  data: JSON.stringify({ count, queriedAt: new Date(1_795_813_500_000 + seconds * 1000).toISOString() }),
});

describe('LiveFigures', () => {
  it('keep the readings of ten minutes, ascending and without repeats', () => {
    const figures = new LiveFigures();
    for (const [seconds, count] of [
      [0, 1],
      [5, 2],
      [10, 3],
      [10, 3],
      [600, 4],
    ] as const)
      figures.receive(online(seconds, count));
    expect(figures.get().readings.map(({ count }) => count)).toEqual([2, 3, 4]);
    expect(figures.get().online?.count).toBe(4);
  });

  it('ignore events of a later version', () => {
    const figures = new LiveFigures();
    figures.receive({ name: 'weather', data: 'sunny' });
    expect(figures.get().online).toBeNull();
  });
});

describe('withGaps', () => {
  it('puts a gap where readings are missing', () => {
    const at = (atSeconds: number) => ({ atSeconds, count: atSeconds });
    expect(withGaps([at(0), at(5), at(60)])).toEqual({ x: [0, 5, 6, 60], values: [0, 5, null, 60] });
  });
});

describe('problemOfLiveFigure', () => {
  const status = (code: string) => ({ figures: { online: code, dau: 'ok' } }) as LiveStatus;
  const waiting: LiveState = { phase: 'waiting', retryAtMs: 0, problem: null };

  it('names the error of a figure that the service cannot read', () => {
    expect(problemOfLiveFigure('online', { phase: 'open' }, status('redis_unavailable'))).toMatchObject({
      ...{ kind: 'unavailable', code: 'redis_unavailable' },
    });
    expect(problemOfLiveFigure('dau', { phase: 'open' }, status('redis_unavailable'))).toBeNull();
  });

  it('is null while the figure is being pushed, and not while the connection is lost', () => {
    expect(problemOfLiveFigure('online', { phase: 'open' }, status('ok'))).toBeNull();
    expect(problemOfLiveFigure('online', { phase: 'connecting' }, null)).toBeNull();
    expect(problemOfLiveFigure('online', waiting, status('ok'))).toMatchObject({ kind: 'unavailable' });
  });
});
