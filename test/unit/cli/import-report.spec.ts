import { describe, expect, it } from '@jest/globals';
import {
  importProgress,
  importSummary,
  importResult,
  rejectionLines,
} from '../../../src/cli/support/import-report.js';

const TOTALS = { lines: 5_000, accepted: 3_000, duplicates: 1_000, rejected: 2 };

describe('the report on an import', () => {
  it('shows the progress with the rate of stored events', () => {
    expect(importProgress(TOTALS, 40, 2)).toBe(
      '40 % · 5000 lines · 3000 new · 1000 known · 2 rejected · 2000/s',
    );
  });

  it('shows no infinite rate in the first instant', () => {
    expect(importProgress({ ...TOTALS, accepted: 1, duplicates: 0 }, 0, 0)).toContain('1000/s');
  });

  it('prints twenty rejections and says that it only counts the others', () => {
    const rejected = { line: 7, code: 'event_invalid' as const, message: 'An event must be a JSON object' };
    expect(rejectionLines(rejected, 1)).toEqual(['line 7: An event must be a JSON object']);
    expect(rejectionLines(rejected, 20)).toEqual([
      'line 7: An event must be a JSON object',
      '… further rejected lines are only counted',
    ]);
    expect(rejectionLines(rejected, 21)).toEqual([]);
  });

  it('sums up what was stored and says what to do next', () => {
    const run = { isInterrupted: false, seconds: 1.26, rejectedPath: null };
    expect(importSummary(TOTALS, run).split('\n')).toEqual([
      '5000 lines: 3000 accepted, 1000 duplicates, 2 rejected in 1.3 s',
      'Rejected lines are not stored: correct them and import the file again; --rejected=FILE lists them all.',
      'The running service calculates the DAU of the imported days by itself, up to 31 past days an hour. ' +
        'To have it at once: npm run dau:calculate -- FIRST-DAY LAST-DAY',
    ]);
    const [, rejected] = importSummary(TOTALS, { ...run, rejectedPath: 'bad.jsonl' }).split('\n');
    expect(rejected).toContain('bad.jsonl lists them');
  });

  it('names no step when nothing is new and nothing was rejected', () => {
    const run = { isInterrupted: false, seconds: 1.26, rejectedPath: null };
    expect(importSummary({ ...TOTALS, accepted: 0, rejected: 0 }, run)).toBe(
      '5000 lines: 0 accepted, 1000 duplicates, 0 rejected in 1.3 s',
    );
  });

  it('says how to resume after an interruption', () => {
    const run = { isInterrupted: true, seconds: 1.26, rejectedPath: null };
    expect(importSummary({ ...TOTALS, rejected: 0 }, run)).toMatch(
      /^Interrupted: 5000 lines: .*\nStart the same command again to resume: it stores nothing twice\./,
    );
  });

  it('has the totals and the next steps for a program', () => {
    expect(importResult(TOTALS, { isInterrupted: true, seconds: 1.26, rejectedPath: null })).toEqual({
      ...TOTALS,
      seconds: 1.3,
      interrupted: true,
      nextSteps: [
        expect.stringContaining('to resume'),
        expect.stringContaining('--rejected=FILE'),
        expect.stringContaining('dau:calculate'),
      ],
    });
  });
});
