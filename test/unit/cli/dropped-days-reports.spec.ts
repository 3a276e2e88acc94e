import { describe, expect, it } from '@jest/globals';
import { auditReport } from '../../../src/cli/support/audit-report.js';
import { calculationReport } from '../../../src/cli/support/calculation-report.js';

const DAY = '2024-01-01';
const ALL_COMPARED = { withoutLog: [], unsettled: [] };
const AUDIT = { day: DAY, stored: 4, realtime: null, bits: null, drift: [] };

describe('reports on days of which retention has dropped data', () => {
  it('an audit shows what is dropped and that the rest was compared', () => {
    const audits = [
      { ...AUDIT, log: null, activeSet: null },
      { ...AUDIT, day: '2024-01-02', log: null, activeSet: 4 },
      { ...AUDIT, day: '2024-01-03', log: 4, activeSet: 4 },
    ];
    expect(auditReport(audits, 3, ALL_COMPARED).split('\n')).toEqual([
      'day         log         active set  stored      live        bits',
      '2024-01-01  dropped     dropped     4           –           –',
      '2024-01-02  dropped     4           4           –           –',
      '2024-01-03  4           4           4           –           –',
      'No drift in 3 days.',
      'Retention has dropped data of 2 days: what is left of them was compared.',
    ]);
  });

  it('an audit lists the days of each kind of drift, and what repairs them', () => {
    const audits = [1, 2, 3, 4, 5, 6].map((n) => ({
      ...AUDIT,
      day: `2024-01-0${n}`,
      ...{ log: 4, activeSet: 4 },
      drift: [
        ...(n === 2 ? ['stored stats says 1 in all, the log 4'] : []),
        'new users: 1 bits contradict it',
      ],
    }));
    expect(auditReport(audits, 6, ALL_COMPARED).split('\n').slice(-5)).toEqual([
      'Drift in 6 of 6 days.',
      '  stored stats: 1 day, 2024-01-02',
      '  new users: 6 days, 2024-01-01, 2024-01-02, 2024-01-03, 2024-01-04, 2024-01-05 and 1 more',
      'Calculate the stored figures again: npm run dau:calculate -- FIRST-DAY [LAST-DAY]',
      'Build missing bits again: npm run actives:build -- FIRST-DAY [LAST-DAY]',
    ]);
  });

  it('an audit names the days whose new users were not compared with the log', () => {
    const audits = [{ ...AUDIT, log: 4, activeSet: 4 }];
    const uncompared = {
      withoutLog: ['2023-11-30', '2023-12-01', '2023-12-02', '2023-12-31'],
      unsettled: [DAY],
    };
    expect(auditReport(audits, 1, uncompared).split('\n').slice(-3)).toEqual([
      'No drift in 1 day.',
      'New users without a log to compare them with: 2023-11-30 to 2023-12-02 (3 days), 2023-12-31.',
      'New users that are compared with the log once their day is settled: 2024-01-01.',
    ]);
  });

  it('a calculation shows the figures that stay', () => {
    const kept = { day: DAY, dauCount: 4, version: 1, calculated: false, kept: true } as const;
    expect(calculationReport([kept], [DAY]).split('\n')).toEqual([
      '2024-01-01  4  (version 1, kept: its active set was dropped)',
      'Calculated 0 days, 0 of them with actives.',
      'Kept the stored figures of 1 day: retention dropped the active sets.',
    ]);
  });
});
