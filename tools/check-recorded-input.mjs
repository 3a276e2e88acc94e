// Proves the whole service on recorded input: imports a month of events into an empty embedded database, calculates the
// days, starts the service, and compares what GET /analytics/dau answers with figures that were computed apart from
// it. Then imports the same file again, which must change nothing, and stops the service, which must leave nothing.
//
// Usage: node tools/check-recorded-input.mjs EVENTS.jsonl[.gz] EXPECTED.json   (after `npm run build`)
//
// EXPECTED.json: {events: <lines of the file>, days: [{day, dauCount, byProvince, byCity}, …] ascending}
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import jwt from 'jsonwebtoken';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const FIRST_DAY = '2018-11-01';
const LAST_DAY = '2018-12-01';
const COMMAND_TIMEOUT_MS = 10 * 60_000;
const START_TIMEOUT_MS = 3 * 60_000;
const STOP_TIMEOUT_MS = 60_000;
const REQUEST_TIMEOUT_MS = 30_000;
const SHOWN_DIFFERENCES = 10;

class CheckFailed extends Error {}

// --- Steps --------------------------------------------------------------------------------------------------------

/** Runs one step and prints one line for it: what it was, what came of it, how long it took. */
async function step(name, run) {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  try {
    const outcome = await run();
    console.log(`ok      ${name}${outcome ? `: ${outcome}` : ''} (${seconds()})`);
  } catch (error) {
    console.log(`FAILED  ${name} (${seconds()})`);
    throw error;
  }
}

function check(condition, message) {
  if (!condition) throw new CheckFailed(message);
}

// --- Processes ----------------------------------------------------------------------------------------------------

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolvePromise, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolvePromise(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/** Starts an npm command in a process group of its own, so that all of it can be ended when something goes wrong. */
function startNpm(args, env) {
  const child = spawn('npm', args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const started = { child, output: '', exited: undefined };
  const collect = (chunk) => (started.output += chunk);
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);
  started.exited = new Promise((done) => {
    child.once('error', (error) => done({ code: null, signal: null, error }));
    child.once('close', (code, signal) => done({ code, signal }));
  });
  return started;
}

function killGroup({ child }) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

async function within(milliseconds, promise, message) {
  const abort = new AbortController();
  const timeout = delay(milliseconds, undefined, { signal: abort.signal }).then(() => {
    throw new CheckFailed(message);
  });
  timeout.catch(() => undefined);
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    abort.abort();
  }
}

const describeExit = ({ code, signal, error }) =>
  error?.message ?? (signal ? `signal ${signal}` : `exit code ${code}`);

async function npmRun(args, env) {
  const command = startNpm(['run', '--silent', ...args], env);
  try {
    const exit = await within(COMMAND_TIMEOUT_MS, command.exited, `npm run ${args.join(' ')} does not end`);
    check(
      exit.code === 0,
      `npm run ${args.join(' ')} ended with ${describeExit(exit)}:\n${command.output.trimEnd()}`,
    );
  } finally {
    killGroup(command);
  }
  return command.output;
}

/** Processes that have to do with a directory: by their arguments, working directory or environment. Linux only. */
function processesOf(directory) {
  if (!existsSync('/proc/self/cmdline')) return [];
  const look = (read) => {
    try {
      return read().includes(directory);
    } catch {
      // Ended in the meantime, or another user's.
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter(
      (pid) =>
        look(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ||
        look(() => readlinkSync(`/proc/${pid}/cwd`)) ||
        look(() => readFileSync(`/proc/${pid}/environ`, 'latin1')),
    )
    .map((pid) => ({ pid: Number(pid), command: commandOf(pid) }));
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '(ended)';
  }
}

// --- Comparison ---------------------------------------------------------------------------------------------------

/** Paths at which two JSON values differ. */
function differences(actual, expected, path) {
  const isObject = (value) => typeof value === 'object' && value !== null;
  if (!isObject(actual) || !isObject(expected) || Array.isArray(actual) !== Array.isArray(expected)) {
    if (Object.is(actual, expected)) return [];
    return [`${path}: got ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`];
  }
  const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  return [...keys].flatMap((key) =>
    differences(actual[key], expected[key], `${path}[${JSON.stringify(key)}]`),
  );
}

/** Compares by day, so that one day too many is one difference and not all those after it. */
function compareDays(answer, expectedDays) {
  check(Array.isArray(answer.data), `the answer has no data: ${JSON.stringify(answer).slice(0, 500)}`);
  const byDay = (days) => Object.fromEntries(days.map((day) => [day.day, day]));
  const found = [
    ...differences(byDay(answer.data), byDay(expectedDays), 'data'),
    ...differences(
      answer.data.map(({ day }) => day),
      expectedDays.map(({ day }) => day),
      'days',
    ),
    ...differences(answer.total, expectedDays.length, 'total'),
  ];
  check(
    found.length === 0,
    `${found.length} differences, of which the first ${Math.min(found.length, SHOWN_DIFFERENCES)}:\n` +
      found
        .slice(0, SHOWN_DIFFERENCES)
        .map((difference) => `  ${difference}`)
        .join('\n'),
  );
}

/** The number that an import says it accepted: the last "accepted 12" or "12 accepted" in its output. */
function acceptedIn(output) {
  const plain = output.replaceAll(/(?<=\d)[,_](?=\d)/g, '');
  const last = [...plain.matchAll(/accepted"?\s*[:=]?\s*(\d+)|(\d+) (?:events? )?accepted/gi)].at(-1);
  check(last, `the import does not say how many events it accepted:\n${output.trimEnd()}`);
  return Number(last[1] ?? last[2]);
}

// --- The check ----------------------------------------------------------------------------------------------------

const [eventsFile, expectedFile] = process.argv.slice(2).map((path) => resolve(path));
if (!expectedFile) {
  console.error('usage: node tools/check-recorded-input.mjs EVENTS.jsonl[.gz] EXPECTED.json');
  process.exit(2);
}
const expected = JSON.parse(readFileSync(expectedFile, 'utf8'));

const directory = mkdtempSync(join(tmpdir(), 'recorded-input-'));
// Run by root, the embedded PostgreSQL runs as a user of its own, who has to get through to its files.
chmodSync(directory, 0o755);
const [port, postgresPort] = await freePorts(2);
const secret = randomBytes(48).toString('base64url');
// Neither the caller's environment nor a .env file (which a variable that is present, even empty, overrules) gets
// through: a DATABASE_URL in there would have this import into a real database.
const env = {
  ...Object.fromEntries(
    ['PATH', 'HOME', 'USER', 'LANG', 'TZ', 'TMPDIR', 'npm_config_cache']
      .filter((name) => process.env[name] !== undefined)
      .map((name) => [name, process.env[name]]),
  ),
  NODE_ENV: '',
  HOST: '',
  DATABASE_URL: '',
  DATABASE_MIGRATION_URL: '',
  REDIS_HOST: '',
  KAFKA_BROKERS: '',
  PORT: String(port),
  JWT_SECRET: secret,
  EMBEDDED_POSTGRES_DIRECTORY: join(directory, 'postgres'),
  EMBEDDED_POSTGRES_PORT: String(postgresPort),
};
const url = `http://127.0.0.1:${port}`;

const importFile = async () => acceptedIn(await npmRun(['events:import', '--', eventsFile], env));

async function queryDau() {
  const token = jwt.sign({ userId: '1' }, secret, { algorithm: 'HS256', expiresIn: '10m' });
  const response = await fetch(`${url}/analytics/dau?startDate=${FIRST_DAY}&endDate=${LAST_DAY}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  const text = await response.text();
  check(response.status === 200, `GET /analytics/dau answers ${response.status}: ${text.slice(0, 1000)}`);
  return JSON.parse(text);
}

async function becomeReady(service) {
  const deadline = performance.now() + START_TIMEOUT_MS;
  let ended;
  void service.exited.then((exit) => (ended = exit));
  for (;;) {
    check(!ended, `npm start ended with ${ended && describeExit(ended)}:\n${service.output.trimEnd()}`);
    const answer = await fetch(`${url}/health/ready`, {
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    }).catch(() => undefined);
    if (answer?.status === 200) return;
    const state = answer ? `answers ${answer.status}: ${await answer.text()}` : 'does not answer';
    check(performance.now() < deadline, `GET /health/ready still ${state}\n${service.output.trimEnd()}`);
    await delay(200);
  }
}

let service;
try {
  await step('import into an empty database', async () => {
    const accepted = await importFile();
    check(accepted === expected.events, `accepted ${accepted} events of ${expected.events}`);
    return `${accepted} events accepted`;
  });
  await step('calculate the days', () =>
    npmRun(['dau:calculate', '--', FIRST_DAY, LAST_DAY], env).then(() => undefined),
  );
  await step('start the service', async () => {
    service = startNpm(['start'], env);
    await becomeReady(service);
  });
  let first;
  await step('compare the answer with the expected days', async () => {
    first = await queryDau();
    compareDays(first, expected.days);
    return `${expected.days.length} days equal in every field`;
  });
  await step('import again, beside the running service', async () => {
    const accepted = await importFile();
    check(accepted === 0, `${accepted} events were accepted a second time`);
    compareDays(await queryDau(), first.data);
    return '0 events accepted, the answer is the same';
  });
  await step('stop the service with SIGTERM', async () => {
    // To npm, as whoever started it would; it has to reach the service from there.
    service.child.kill('SIGTERM');
    const exit = await within(
      STOP_TIMEOUT_MS,
      service.exited,
      `it still runs ${STOP_TIMEOUT_MS / 1000} s after SIGTERM:\n${service.output.trimEnd()}`,
    );
    return describeExit(exit);
  });
  await step('find nothing left running', () => {
    const left = processesOf(directory);
    check(
      left.length === 0,
      `left running:\n${left.map(({ pid, command }) => `  ${pid} ${command}`).join('\n')}`,
    );
  });
} catch (error) {
  console.log(error instanceof CheckFailed ? error.message : error);
  process.exitCode = 1;
} finally {
  if (service) killGroup(service);
  for (const { pid } of processesOf(directory)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
  rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
