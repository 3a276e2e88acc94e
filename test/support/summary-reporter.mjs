/**
 * Appends the counts of a run and the broker of its suites as a line of JSON to the file that TEST_COUNTS_FILE names.
 * A suite that could not run has no tests and counts as one failure.
 */
import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';

import { noteSkipped } from '../../tools/support/skipped.mjs';

export default class SummaryReporter {
  onRunComplete(_contexts, results) {
    for (const { testFilePath, numPendingTests: skipped } of results.testResults)
      if (skipped > 0) noteSkipped(`${skipped} of ${relative('', testFilePath)}`);
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
    // The global setup has named what the suites about Kafka run against.
    const services = process.env.ANALYTICS_TEST_SERVICES;
    if (services) counts.kafka = JSON.parse(services).kafka;
    appendFileSync(file, `${JSON.stringify(counts)}\n`);
  }
}
