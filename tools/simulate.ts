// First: the environment's decorators need it when they are loaded.
import 'reflect-metadata';
import { randomInt } from 'node:crypto';
import { readEnvironment } from '../src/config/configuration.js';
import { DEVELOPMENT_JWT_SECRET } from '../src/config/jwt.config.js';
import { HELP, parseOptions, UsageError } from './simulation/options.js';
import { runSimulation, UnreachableError } from './simulation/simulation.js';

/** `npm run simulate`: a crowd of devices against a running service; see `--help`. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), {
    seed: String(randomInt(2 ** 32)),
    runId: new Date().toISOString().replace(/[-:.TZ]/g, ''),
    // As the service has it: from `.env` or the environment; empty counts as unset.
    jwtSecret: readEnvironment()['JWT_SECRET'] || DEVELOPMENT_JWT_SECRET,
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
      console.log('\nstopping: waiting for what is in flight (Ctrl-C again ends at once)');
      stop.abort();
      // One Ctrl-C may arrive twice: from the terminal and, passed on, from npm.
    } else if (performance.now() - firstMs > 1_000) process.exit(130);
  });
  return stop.signal;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError || error instanceof UnreachableError)) throw error;
  console.error(error instanceof UsageError ? `${error.message}\nSee --help.` : error.message);
  process.exitCode = 2;
}
