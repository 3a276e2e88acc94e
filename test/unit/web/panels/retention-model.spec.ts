import { describe, expect, it } from '@jest/globals';
import { AFTER, toTriangle } from '../../../../web/src/panels/retention/retention-model.js';

const DATA = [
  {
    day: '2025-01-01',
    cohortSize: 10,
    retained: [
      { after: 1, count: 5, rate: 0.5 },
      { after: 2, count: 0, rate: 0 },
    ],
  },
  { day: '2025-01-02', cohortSize: 4, retained: [{ after: 1, count: 1, rate: 0.25 }] },
  { day: '2025-01-03', cohortSize: 0, retained: [] },
];

describe('the retention triangle', () => {
  const triangle = toTriangle(DATA, new Set(['2025-01-03']));

  it('has the newest day first and a cell for each asked distance', () => {
    expect(triangle.rows.map(({ day }) => day)).toEqual(['2025-01-03', '2025-01-02', '2025-01-01']);
    expect(triangle.rows.every(({ cells }) => cells.length === AFTER.length)).toBe(true);
  });

  it('leaves a day that is not over empty, and keeps a rate of 0', () => {
    expect(triangle.rows[1]?.cells.slice(0, 2)).toEqual([expect.objectContaining({ count: 1 }), null]);
    expect(triangle.rows[2]?.cells[1]).toEqual(expect.objectContaining({ count: 0, rate: 0 }));
  });

  it('takes rates and counts as the service gives them', () => {
    expect(triangle.rows[2]?.cells[0]).toEqual({ count: 5, rate: 0.5, isProvisional: false });
  });

  it('has the mean rate of the days that have users, and none where there is no rate', () => {
    expect(triangle.means).toEqual([0.375, 0, null, null, null, null]);
    expect(triangle.maxRate).toBe(0.5);
  });

  it('does not count the rates of an empty cohort', () => {
    const empty = { day: '2025-01-01', cohortSize: 0, retained: [{ after: 1, count: 0, rate: 0 }] };
    expect(toTriangle([empty, ...DATA.slice(1)], new Set()).means[0]).toBe(0.25);
  });

  it('marks the cohorts and the rates of days that may still change', () => {
    expect(triangle.rows.map(({ isProvisional }) => isProvisional)).toEqual([true, false, false]);
    const open = toTriangle(DATA, new Set(['2025-01-03', '2025-01-02']));
    expect(open.rows[1]?.cells[0]?.isProvisional).toBe(true);
    // The day after the first is open, the second after it too.
    expect(open.rows[2]?.cells.slice(0, 2).map((cell) => cell?.isProvisional)).toEqual([true, true]);
  });
});
