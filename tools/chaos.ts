// The environment's decorators need this import to run first.
import 'reflect-metadata';
import { randomInt } from 'node:crypto';
import { UsageError } from '../src/cli/support/usage-error.js';
import { runChaos } from './chaos/chaos-run.js';
import { checkHistory } from './chaos/checkers/check-history.js';
import { readHistory } from './chaos/history/history-file.js';
import { HELP, parseOptions } from './chaos/options.js';
import { planFaults } from './chaos/plan/fault-plan.js';
import { describeStores } from './chaos/plan/stores.js';
import { renderChecks, renderPlan } from './chaos/report/verdict.js';

/** `npm run chaos` loads replicas in production mode while everything around them fails; see `--help`. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), { seed: String(randomInt(2 ** 32)) });
  if (options === undefined) {
    console.log(HELP);
    return 0;
  }
  if ('recheck' in options) {
    const checks = checkHistory(readHistory(options.recheck));
    console.log(renderChecks(checks));
    return checks.some(({ verdict }) => verdict === 'wrong') ? 1 : 0;
  }
  if ('printPlan' in options) {
    console.log(`stores: ${describeStores(options.stores)}\n${renderPlan(planFaults(options))}`);
    return 0;
  }
  return runChaos(options, { now: Date.now, output: process.stdout, stop: stopOnSignal() });
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
