import { describe, expect, it } from '@jest/globals';
import {
  importProgress,
  importSummary,
  readImportArguments,
  rejectionLines,
} from '../../../src/cli/support/import-report.js';
import { UsageError } from '../../../src/cli/support/usage-error.js';

const TOTALS = { lines: 5_000, accepted: 3_000, duplicates: 1_000, rejected: 2 };

describe('the arguments of events:import', () => {
  it('are the path of one file', () => {
    expect(readImportArguments(['events.jsonl.gz'])).toBe('events.jsonl.gz');
  });

  it.each([[[]], [['one.jsonl', 'two.jsonl']]])('are rejected: %j', (argv: string[]) => {
    expect(() => readImportArguments(argv)).toThrow(UsageError);
    expect(() => readImportArguments(argv)).toThrow(/^Usage: npm run events:import -- FILE\.jsonl\[\.gz\]$/);
  });
});

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

  it('sums up what was stored, and says how to resume after an interruption', () => {
    const summary = '5000 lines: 3000 accepted, 1000 duplicates, 2 rejected in 1.3 s';
    expect(importSummary(TOTALS, false, 1.26)).toBe(summary);
    expect(importSummary(TOTALS, true, 1.26)).toBe(`Interrupted (start again to resume): ${summary}`);
  });
});
