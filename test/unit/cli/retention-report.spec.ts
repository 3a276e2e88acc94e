import { describe, expect, it } from '@jest/globals';
import type { RetentionReport } from '../../../src/application/commands/apply-retention/apply-retention.command.js';
import { joinReports, retentionReport } from '../../../src/cli/support/retention-report.js';

const REPORT: RetentionReport = {
  dropped: [
    { data: 'events', day: '2024-01-01', rows: 12_345, bytes: 3_300_000 },
    { data: 'actives', day: '2024-01-01', rows: 6, bytes: 16_384 },
  ],
  kept: [
    {
      data: 'events',
      day: '2024-01-02',
      bytes: 999,
      reason: 'drift',
      drift: ['bits: 1 lost', 'places: 2 lost'],
    },
  ],
  left: 0,
  ended: 'done',
};
const DAYS = { events: 400, actives: 1 };

describe('the report on retention', () => {
  it('lists each partition with its day, rows and size, and why others stay', () => {
    expect(retentionReport(REPORT, { dryRun: false, days: DAYS }).split('\n')).toEqual([
      'Kept events: today and 400 days before',
      'Kept active set: today and 1 day before',
      '',
      'day         data        rows   size     was',
      '2024-01-01  events      12345  3.3 MB   dropped',
      '2024-01-01  active set  6      16.4 kB  dropped',
      '2024-01-02  events      –      999 B    kept: its sources differ: npm run dau:audit -- DAY',
      '',
      'drift of 2024-01-02, events: bits: 1 lost',
      'drift of 2024-01-02, events: places: 2 lost',
      '2 partitions dropped, 3.3 MB; 1 partition past the limit kept, 999 B.',
    ]);
  });

  it('says of a dry run that nothing was dropped, and that an audit decides', () => {
    const lines = retentionReport(REPORT, { dryRun: true, days: DAYS }).split('\n');
    expect(lines[3]).toMatch(/would be$/);
    expect(lines.slice(-2)).toEqual([
      '2 partitions would be dropped, 3.3 MB; 1 partition past the limit kept, 999 B.',
      'Each day is audited before it is dropped; with a difference it is kept.',
    ]);
  });

  it.each([
    ['time_limit', '3 partitions left after 40 minutes. Continue with: npm run retention'],
    ['interrupted', 'Interrupted. Continue with: npm run retention'],
    ['elsewhere', 'Another process runs retention at this moment: nothing was done.'],
  ] as const)('says how it ended: %s', (ended, line) => {
    const report = retentionReport(
      { dropped: [], kept: [], left: 3, ended },
      { dryRun: false, days: { events: 30, actives: null } },
    );
    expect(report.split('\n')).toEqual([
      'Kept events: today and 30 days before',
      'Kept active set: all',
      '0 partitions dropped, 0 B; 0 partitions past the limit kept, 0 B.',
      line,
    ]);
  });

  it('sums up the runs of one command: all that was dropped, and what is left at the end', () => {
    const first: RetentionReport = { ...REPORT, left: 2, ended: 'time_limit' };
    expect(joinReports([first, { ...REPORT, dropped: [] }])).toEqual(REPORT);
  });
});
