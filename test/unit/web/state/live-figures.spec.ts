import { describe, expect, it } from '@jest/globals';
import type { LiveState } from '../../../../web/src/api/live.js';
import { plainProblem } from '../../../../web/src/api/problem.js';
import type { LiveStatus, OnlineHistory, RealtimeDau } from '../../../../web/src/api/types.js';
import {
  recentCurve,
  recentRange,
  recentRecords,
} from '../../../../web/src/panels/online-now/recent-curve.js';
import { dauOfToday, problemOfLiveFigure, problemOfReading } from '../../../../web/src/state/live-figure.js';
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

describe('recentCurve', () => {
  const START = 1_795_813_500;
  const at = (seconds: number, count: number) => ({ atSeconds: START + seconds, count });
  const snapshots = (...minutes: readonly (readonly [minute: number, onlineCount: number])[]) =>
    ({
      data: minutes.map(([minute, onlineCount]) => ({
        ...{ ts: new Date((START + minute * 60) * 1000).toISOString(), onlineCount },
      })),
    }) as OnlineHistory;
  const shown = (...given: Parameters<typeof recentCurve>) => {
    const { x, values } = recentCurve(...given);
    return x.map((time, index) => [time - START, values[index]]);
  };

  it('shows snapshots for the time before the first reading, as far as the picture reaches', () => {
    const history = snapshots([-11, 1], [-2, 2], [-1, 3], [0, 4]);
    expect(shown([at(0, 5), at(5, 6)], history)).toEqual([
      [-120, 2],
      [-60, 3],
      [0, 5],
      [5, 6],
    ]);
  });

  it('puts a gap where neither readings nor snapshots are', () => {
    expect(shown([at(0, 1), at(5, 2), at(200, 3)], null)).toEqual([
      [0, 1],
      [5, 2],
      [6, null],
      [200, 3],
    ]);
  });

  it('fills an outage of the connection with the snapshots of the service', () => {
    expect(shown([at(0, 1), at(130, 3)], snapshots([1, 2]))).toEqual([
      [0, 1],
      [60, 2],
      [130, 3],
    ]);
  });

  it('is empty before the first reading', () => {
    expect(recentCurve([], null)).toEqual({ x: [], values: [] });
  });

  it('becomes records of a CSV without its gaps', () => {
    expect(recentRecords(recentCurve([at(0, 1), at(200, 3)], null))).toEqual([
      [new Date(START * 1000).toISOString(), '1'],
      [new Date((START + 200) * 1000).toISOString(), '3'],
    ]);
  });
});

describe('recentRange', () => {
  it.each([
    ['begins with the first reading', [100, 400, 700], [100, 700]],
    ['reaches ten minutes back at most', [0, 400, 700], [100, 700]],
    ['is a minute at least', [690, 700], [640, 700]],
  ] as const)('%s', (_what, x, range) => {
    expect(recentRange(x)).toEqual(range);
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
    expect(problemOfLiveFigure('online', { phase: 'connecting', problem: null }, null)).toBeNull();
    expect(problemOfLiveFigure('online', waiting, status('ok'))).toMatchObject({ kind: 'unavailable' });
  });

  it('stays while the next connection is on its way', () => {
    const lost = plainProblem('unreachable');
    expect(problemOfLiveFigure('online', { phase: 'connecting', problem: lost }, status('ok'))).toBe(lost);
    expect(problemOfLiveFigure('dau', { phase: 'connecting', problem: lost }, null)).toBe(lost);
  });

  it('is that of each figure by itself', () => {
    const figures = { online: 'ok', dau: 'realtime_dau_unverified' };
    const both = { figures } as LiveStatus;
    expect(problemOfLiveFigure('online', { phase: 'open' }, both)).toBeNull();
    expect(problemOfLiveFigure('dau', { phase: 'open' }, both)).toMatchObject({ code: figures.dau });
  });
});

describe('problemOfReading', () => {
  it('marks an old reading whatever the connection says, and prefers the cause that is known', () => {
    const lost = plainProblem('unreachable');
    expect(problemOfReading(null, false)).toBeNull();
    expect(problemOfReading(null, true)).toMatchObject({ kind: 'late' });
    expect(problemOfReading(lost, true)).toBe(lost);
  });
});

describe('dauOfToday', () => {
  it('is not shown once its day is over', () => {
    const dau = { day: '2026-11-27', dauCount: 5 } as RealtimeDau;
    expect(dauOfToday(dau, '2026-11-27')).toBe(dau);
    expect(dauOfToday(dau, '2026-11-28')).toBeNull();
    expect(dauOfToday(null, '2026-11-28')).toBeNull();
  });
});
