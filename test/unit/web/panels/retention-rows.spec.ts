import { describe, expect, it } from '@jest/globals';
import { EN } from '../../../../web/src/i18n/en.js';
import { formatsOf } from '../../../../web/src/i18n/formats.js';
import { RETENTION_MESSAGES } from '../../../../web/src/panels/retention/retention-messages.js';
import { toTriangle } from '../../../../web/src/panels/retention/retention-model.js';
import { toTable } from '../../../../web/src/panels/retention/retention-rows.js';

const DATA = [
  {
    day: '2025-01-01',
    cohortSize: 1_200,
    retained: [
      { after: 1, count: 600, rate: 0.5 },
      { after: 2, count: 0, rate: 0 },
    ],
  },
  { day: '2025-01-02', cohortSize: 0, retained: [{ after: 1, count: 0, rate: 0 }] },
];

const tableOf = (finality: ReadonlyMap<string, boolean>) =>
  toTable(toTriangle(DATA, finality), RETENTION_MESSAGES.en, EN.chart, formatsOf('en'));

describe('the table behind the retention triangle', () => {
  const finality = new Map([
    ['2025-01-01', true],
    ['2025-01-02', true],
    ['2025-01-03', false],
  ]);
  const { columns, rows } = tableOf(finality);

  it('has the users and the rate of each cell, and says which may still change', () => {
    expect(columns).toHaveLength(2 + 3);
    expect(rows[1]).toEqual([
      ...['Wed, 1 Jan 2025', '1,200', '600 (50.0%)', '0 (0.0%), provisional', 'final'],
    ]);
  });

  it('has no rate for an empty cohort', () => {
    expect(rows[0]?.slice(1, 3)).toEqual(['0', '0, provisional']);
  });

  it('names the state of each cohort, and none where it is unknown', () => {
    expect(columns.at(-1)).toBe('State');
    expect(tableOf(new Map([['2025-01-02', false]])).rows.map((row) => row.at(-1))).toEqual([
      'provisional',
      '–',
    ]);
  });
});
