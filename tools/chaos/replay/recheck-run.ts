import { dirname } from 'node:path';
import type { Output } from '../../simulation/reporting/progress-line.js';
import { checkHistory } from '../checkers/check-history.js';
import { readHistory, readRecordedRun } from '../history/history-file.js';
import { readReport, reportOf, saveReport, verdictOf } from '../report/run-report.js';
import { renderChecks } from '../report/verdict.js';

/** Judges a recorded history again, writes its report anew if it has one, and returns the exit code. */
export function recheckRun(path: string, output: Output): number {
  const history = readHistory(path);
  const checks = checkHistory(history);
  // A run without a report was interrupted and must not count.
  if (readReport(dirname(path)) !== undefined)
    saveReport(path, reportOf(history, checks, readRecordedRun(path).options.stores));
  output.write(renderChecks(checks));
  return verdictOf(checks) === 'wrong' ? 1 : 0;
}
