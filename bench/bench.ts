/**
 * `npm run bench` measures the service beside the machine's own limits; docs/performance.md lists its options.
 * The exit code is 1 when a part failed, 2 for a wrong command line.
 */
import { readFileSync } from 'node:fs';

import { Logger } from '@nestjs/common';

import { commandLineOf } from '../tools/support/command-line-of.js';
import { runBench } from './run-bench.js';
import { BENCH, type BenchOptions } from './support/bench-options.js';
import { drawGrowth, drawRatios } from './support/chart.js';
import { print } from './support/output.js';
import { updatePerformancePage } from './support/performance-page.js';
import { renderResults } from './support/render-results.js';
import type { Results } from './support/results.js';

Logger.overrideLogger(['warn', 'error']);
const options = commandLineOf(BENCH);
if (options.from === undefined) await report(await runBench(options), options);
else await renderPage(options.from);

async function renderPage(files: readonly string[]): Promise<void> {
  await updatePerformancePage(files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Results));
  print(`docs/performance.md has the tables and the pictures of ${files.join(' and ')}`);
}

async function report(results: Results, { isQuick, isWhole }: BenchOptions): Promise<void> {
  const { failures = [] } = results;
  if (isQuick) {
    // A quick run renders everything, to show that it works, and writes nothing.
    print(renderResults([results]));
    drawRatios(results.comparisons);
    drawGrowth(results.growth);
  } else if (isWhole && failures.length === 0) {
    await updatePerformancePage([results]);
    print('\ndocs/performance.md has the tables and the pictures of this run');
  }
  if (failures.length === 0) return;
  process.exitCode = 1;
  for (const { part, reason } of failures) console.error(`\nNot measured: ${part}: ${reason}`);
  console.error(
    `Measure it with --only=${failures.map(({ part }) => part).join()}, and make the page --from both results.`,
  );
}
