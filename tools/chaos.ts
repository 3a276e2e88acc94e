// The environment's decorators need this import to run first.
import 'reflect-metadata';
import { randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { UsageError } from '../src/cli/support/usage-error.js';
import { runPlan } from './chaos/chaos-run.js';
import { HELP, parseOptions } from './chaos/options.js';
import { describeStores } from './chaos/plan/stores.js';
import { planRun } from './chaos/plan-run.js';
import { recheckRun } from './chaos/replay/recheck-run.js';
import { replayRun } from './chaos/replay/replay-run.js';
import { runSeeds } from './chaos/replay/run-seeds.js';
import { renderPlan } from './chaos/report/verdict.js';
import { proveCheckers } from './chaos/sabotage/prove-checkers.js';
import { shrinkRun } from './chaos/shrink/shrink-run.js';
import { publishRuns } from './chaos/totals/published-runs.js';
import { collectRuns, renderTotals } from './chaos/totals/totals.js';
import { writeTotals } from './chaos/totals/totals-page.js';
import { readCommit } from './support/read-commit.js';

/** `npm run chaos` loads replicas in production mode while everything around them fails; see `--help`. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), { seed: String(randomInt(2 ** 32)) });
  if (options === undefined) {
    console.log(HELP);
    return 0;
  }
  const environment = { now: Date.now, output: process.stdout, commit: readCommit() ?? null };
  for (const name of ['recheck', 'replay', 'shrink', 'totals', 'page'] as const) {
    const path = (options as Partial<Record<typeof name, string>>)[name];
    if (path !== undefined && !existsSync(path))
      throw new UsageError(`--${name} must name what exists, ${path} does not: look below .data/chaos`);
  }
  if ('recheck' in options) return recheckRun(options.recheck, process.stdout);
  if ('totals' in options) {
    const runs = collectRuns(options.totals);
    const { page } = options;
    const totals = renderTotals(page === undefined ? runs : publishRuns(page, runs, serviceVersion()));
    console.log(totals);
    if (page !== undefined) await writeTotals(page, totals);
    return 0;
  }
  if ('replay' in options) return replayRun(options, { ...environment, stop: stopOnSignal() });
  if ('shrink' in options)
    return shrinkRun(options.shrink, options.attempts, { ...environment, stop: stopOnSignal() });
  if ('printPlan' in options) {
    const { options: planned, missing } = planRun(options);
    console.log(
      [`stores: ${describeStores(planned.stores)}`, ...missing, renderPlan(planned.plan)].join('\n'),
    );
    return 0;
  }
  const running = { ...environment, stop: stopOnSignal() };
  if ('prove' in options) return proveCheckers(options, running);
  // A seed without a possible fault is reported before the first run, not hours later.
  await runSeeds(options, async (each) => {
    planRun(each);
    return 0;
  });
  return runSeeds(options, async (each) => (await runPlan(each, running)).exitCode);
}

function serviceVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

function stopOnSignal(): AbortSignal {
  const stop = new AbortController();
  let firstMs = Infinity;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!stop.signal.aborted) {
        firstMs = performance.now();
        console.log(`\n${signal}: healing every fault and ending what was started (again ends at once)`);
        stop.abort();
        // One Ctrl-C may arrive twice: from the terminal and from npm, which passes it on.
      } else if (performance.now() - firstMs > 1_000) process.exit(130);
    });
  }
  return stop.signal;
}

try {
  const exitCode = await main();
  // Ends at once: whatever a fault left open must not keep the tool or what it started.
  process.stdout.write('', () => process.exit(exitCode));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
