// The environment's decorators need this import to run first.
import 'reflect-metadata';
import { randomInt } from 'node:crypto';
import { UsageError } from '../src/cli/support/usage-error.js';
import { readEnvironment } from '../src/config/configuration.js';
import { DEVELOPMENT_JWT_SECRET } from '../src/config/jwt.config.js';
import { valueOf } from '../src/config/secret-files.js';
import { HELP, parseOptions } from './simulation/options.js';
import { runSimulation } from './simulation/simulation.js';
import { UnreachableError } from './simulation/verification/dashboard-observer.js';

/** `npm run simulate` runs a crowd of devices against a running service; see `--help`. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), {
    seed: String(randomInt(2 ** 32)),
    runId: new Date().toISOString().replace(/[-:.TZ]/g, ''),
    // The service reads the secret in the same way.
    jwtSecret: valueOf(readEnvironment(), 'JWT_SECRET').text ?? DEVELOPMENT_JWT_SECRET,
  });
  if (options === undefined) {
    console.log(HELP);
    return 0;
  }
  const stop = stopOnInterrupt();
  const { exitCode } = await runSimulation(options, {
    now: Date.now,
    output: process.stdout,
    stop,
  });
  return exitCode;
}

function stopOnInterrupt(): AbortSignal {
  const stop = new AbortController();
  let firstMs = Infinity;
  process.on('SIGINT', () => {
    if (!stop.signal.aborted) {
      firstMs = performance.now();
      console.log('\nstopping: waiting for in-flight messages (Ctrl-C again ends at once)');
      stop.abort();
      // One Ctrl-C may arrive twice: from the terminal and from npm, which passes it on.
    } else if (performance.now() - firstMs > 1_000) process.exit(130);
  });
  return stop.signal;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError || error instanceof UnreachableError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
