import { describe, expect, it } from '@jest/globals';
import { auditReport } from '../../../src/cli/support/audit-report.js';
import { calculationReport } from '../../../src/cli/support/calculation-report.js';

const DAY = '2024-01-01';
const AUDIT = { day: DAY, stored: 4, realtime: null, bits: null, drift: [] };

describe('reports on days of which retention has dropped data', () => {
  it('an audit shows what is dropped and that the rest was compared', () => {
    const audits = [
      { ...AUDIT, log: null, activeSet: null },
      { ...AUDIT, day: '2024-01-02', log: null, activeSet: 4 },
      { ...AUDIT, day: '2024-01-03', log: 4, activeSet: 4 },
    ];
    expect(auditReport(audits, 3).split('\n')).toEqual([
      'day         log         active set  stored      live        bits',
      '2024-01-01  dropped     dropped     4           –           –',
      '2024-01-02  dropped     4           4           –           –',
      '2024-01-03  4           4           4           –           –',
      'No drift in 3 days.',
      'Retention has dropped data of 2 days: what is left of them was compared.',
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
