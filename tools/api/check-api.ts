import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { CheckFailedError, runCheck, runStep } from '../support/check-steps.js';
import { commandLineOf } from '../support/command-line-of.js';
import { freePort } from '../support/free-port.js';
import { hostEnvironment } from '../support/host-environment.js';
import {
  killStartedProcesses,
  runProcess,
  startProcess,
  waitForExit,
  type StartedProcess,
} from '../support/processes.js';
import { waitUntilReady } from '../support/wait-until-ready.js';
import { CHECK_API, type CheckApiOptions } from './check-api-command.js';
import { installBruno, runCollection } from './bruno.js';
import { installSchemathesis } from './schemathesis.js';

const ROOT = join(import.meta.dirname, '../..');
const SECRET = 'a-secret-that-only-this-check-signs-its-token-with';
const INTERNAL_KEY = 'the-key-of-the-internal-routes-in-this-check';
const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 30_000;
/** Time beyond that for the requests: to read the document, and to shrink a failure. */
const GRACE_MS = 60_000;
const CHECKS = [
  ...['not_a_server_error', 'status_code_conformance', 'content_type_conformance'],
  ...['response_headers_conformance', 'response_schema_conformance'],
  ...['unsupported_method', 'ignored_auth'],
];

async function checkApi(options: CheckApiOptions): Promise<void> {
  const program = await runStep('schemathesis is installed', installSchemathesis);
  const bruno = await runStep('bruno is installed', installBruno);
  const directory = mkdtempSync(join(tmpdir(), 'analytics-api-'));
  try {
    const url = `http://127.0.0.1:${await freePort()}`;
    const service = await runStep('the service is ready', () => startService(url, directory));
    await runStep('every request of the Bruno collection succeeds', () =>
      runCollection(bruno, url, printedToken(service), INTERNAL_KEY),
    );
    const summary = await runStep('every answer is documented', () =>
      judge(program, url, directory, options),
    );
    console.log(summary);
    await runStep('the service stops', () => stop(service));
  } finally {
    killStartedProcesses();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function startService(url: string, directory: string): Promise<StartedProcess> {
  const { PATH, HOME } = hostEnvironment();
  const service = startProcess(
    process.execPath,
    ['--max-old-space-size=512', join(ROOT, 'dist/src/main.js')],
    {
      cwd: directory,
      env: {
        PATH,
        HOME,
        NODE_ENV: 'development',
        PORT: new URL(url).port,
        JWT_SECRET: SECRET,
        INTERNAL_API_KEY: INTERNAL_KEY,
        API_DOCS_INTERNAL: 'true',
        DASHBOARD: 'false',
        RATE_LIMIT_PER_ADDRESS: '0',
        RATE_LIMIT_PER_INSTALL: '0',
        EMBEDDED_POSTGRES_DIRECTORY: join(directory, 'postgres'),
        EMBEDDED_POSTGRES_PORT: String(await freePort()),
      },
    },
  );
  await waitUntilReady(url, service, { timeoutMs: READY_TIMEOUT_MS });
  return service;
}

/** Returns the token that a development start prints for newcomers. */
function printedToken(service: StartedProcess): string {
  const token = /^export TOKEN=(\S+)$/m.exec(service.output())?.[1];
  if (token === undefined) throw new CheckFailedError(`The service printed no token:\n${service.output()}`);
  return token;
}

/** @returns the last lines of schemathesis; @throws CheckFailedError with all of them when it finds a fault */
async function judge(
  program: string,
  url: string,
  directory: string,
  { seconds, seed }: CheckApiOptions,
): Promise<string> {
  const token = jwt.sign({ userId: '42' }, SECRET, { algorithm: 'HS256', expiresIn: '2h' });
  const { exit, output } = await runProcess(
    program,
    [
      ...['run', `${url}/api/docs-json`, '--no-color'],
      ...['-H', `Authorization: Bearer ${token}`, '-H', `X-Internal-Api-Key: ${INTERNAL_KEY}`],
      // The stream does not end.
      ...['--exclude-path', '/live', '--phases', 'examples,coverage,fuzzing', '--checks', CHECKS.join()],
      // Python before 3.11.5 fails when two threads parse source code (cpython#106905).
      ...['--seed', String(seed), '--max-time', String(seconds), '--workers', '1', '--max-examples', '30'],
      ...['--generation-database', 'none', '--suppress-health-check', 'all', '--continue-on-failure'],
    ],
    { cwd: directory, timeoutMs: seconds * 1000 + GRACE_MS },
  );
  if (exit !== 0) throw new CheckFailedError(output);
  return output.slice(output.lastIndexOf('Test cases:'));
}

async function stop(service: StartedProcess): Promise<void> {
  service.signal('SIGTERM');
  const exit = await waitForExit(service, STOP_TIMEOUT_MS);
  if (exit !== 0) throw new CheckFailedError(`The service ended with ${String(exit)}:\n${service.output()}`);
}

const options = commandLineOf(CHECK_API);
await runCheck(() => checkApi(options));
