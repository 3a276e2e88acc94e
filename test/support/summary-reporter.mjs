/**
 * Appends the counts of a run as one line of JSON to the file that TEST_COUNTS_FILE names.
 * A suite that could not run has no tests and counts as one failure.
 */
import { appendFileSync } from 'node:fs';

export default class SummaryReporter {
  onRunComplete(_contexts, results) {
    const file = process.env.TEST_COUNTS_FILE;
    if (!file) return;
    const counts = {
      suites: { passed: results.numPassedTestSuites, failed: results.numFailedTestSuites },
      tests: {
        passed: results.numPassedTests,
        failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
        skipped: results.numPendingTests + results.numTodoTests,
      },
    };
    appendFileSync(file, `${JSON.stringify(counts)}\n`);
  }
}
