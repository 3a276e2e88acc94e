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

/** All days of January are final but those. */
function finalBut(...open: readonly string[]): Map<string, boolean> {
  const days = Array.from({ length: 31 }, (_, index) => `2025-01-${String(index + 1).padStart(2, '0')}`);
  return new Map(days.map((day) => [day, !open.includes(day)]));
}

describe('the retention triangle', () => {
  const triangle = toTriangle(DATA, finalBut('2025-01-03'));

  it('has the newest day first and a cell for each distance that the range reaches', () => {
    expect(triangle.rows.map(({ day }) => day)).toEqual(['2025-01-03', '2025-01-02', '2025-01-01']);
    expect(triangle.after).toEqual([1, 2]);
    expect(triangle.beyond).toEqual(AFTER.slice(2));
    expect(triangle.rows.every(({ cells }) => cells.length === 2)).toBe(true);
  });

  it('leaves a day that is not over empty, and keeps a rate of 0', () => {
    expect(triangle.rows[1]?.cells.slice(0, 2)).toEqual([expect.objectContaining({ count: 1 }), null]);
    expect(triangle.rows[2]?.cells[1]).toEqual(expect.objectContaining({ count: 0, rate: 0 }));
  });

  it('takes rates and counts as the service gives them', () => {
    expect(triangle.rows[2]?.cells[0]).toEqual({
      ...{ count: 5, rate: 0.5, isFinal: true, isProvisional: false },
    });
  });

  it('has the rates of all final cells, weighted by the sizes of their cohorts', () => {
    const { means, maxRate } = toTriangle(DATA, finalBut());
    // 6 of 14 came back on the next day; the mean of both rates would be 0.375.
    expect(means).toEqual([6 / 14, 0]);
    expect(maxRate).toBe(0.5);
  });

  it('leaves cells out of the mean that may still change', () => {
    expect(triangle.means).toEqual([0.5, null]);
  });

  it('has no mean, and marks no cell, where nothing is known of the days', () => {
    const unknown = toTriangle(DATA, new Map());
    expect(unknown.means).toEqual([null, null]);
    expect(unknown.rows[2]?.cells[0]).toMatchObject({ rate: 0.5, isFinal: false, isProvisional: false });
  });

  it('does not count the rates of an empty cohort', () => {
    const empty = { day: '2025-01-01', cohortSize: 0, retained: [{ after: 1, count: 0, rate: 0 }] };
    expect(toTriangle([empty, ...DATA.slice(1)], finalBut()).means[0]).toBe(0.25);
  });

  it('marks the cohorts and the rates of days that may still change', () => {
    expect(triangle.rows.map(({ isProvisional }) => isProvisional)).toEqual([true, false, false]);
    const open = toTriangle(DATA, finalBut('2025-01-03', '2025-01-02'));
    expect(open.rows[1]?.cells[0]?.isProvisional).toBe(true);
    // The day after the first is open, the second after it too.
    expect(open.rows[2]?.cells.slice(0, 2).map((cell) => cell?.isProvisional)).toEqual([true, true]);
  });
});
