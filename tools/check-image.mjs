// Follows the Dockerfile without Docker, and runs what comes out as the image would: in production mode, as its user,
// in a tree that nobody may write to, against a real PostgreSQL and Redis. Roles are made by database/compose/roles.sql,
// as docker-compose.yml has it done. Kafka is the cluster that KAFKA_BROKERS names, or nobody: the service must then
// serve all the same, and say that it is degraded. Prints one line a step and the size of the tree.
//
// Usage: node tools/check-image.mjs [--build] [--keep]      (after `npm run build`; needs redis-server)
//        node tools/check-image.mjs --plan
//
// --build  runs the build stage, too: npm ci and npm run build in a copy; else its output is this checkout's dist
// --keep   leaves the tree of the image and says where it is
// --plan   only prints what the Dockerfile says, as JSON (for test/unit/deployment.spec.ts)
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, posix } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import jwt from 'jsonwebtoken';
import pg from 'pg';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const BUILD_STAGE = 'build';
const EMBEDDED_POSTGRES = 'dist/src/infrastructure/embedded/embedded-postgres.js';
const DATABASE = 'rwa_analytics';
/** What only development needs; whichever of them is there has been installed by mistake. */
const DEVELOPMENT_PACKAGES = ['@swc/core', 'embedded-postgres', 'eslint', 'jest', 'prisma', 'typescript'];

const RUN_TIMEOUT_MS = 5 * 60_000;
const COMMAND_TIMEOUT_MS = 20_000;
const READY_TIMEOUT_MS = 30_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** The service's own bound, and some. */
const STOP_TIMEOUT_MS = 17_000;

class CheckFailed extends Error {}

// --- What the Dockerfile says ---------------------------------------------------------------------------------------

/** @returns the stages, and what the last of them says of how the image is run */
function readPlan() {
  const stages = [];
  for (const { instruction, text } of instructions(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))) {
    if (instruction === 'FROM') {
      const [, from, name] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(text) ?? unknown(instruction, text);
      const parent = stages.find((stage) => stage.name === from);
      stages.push({
        name: name ?? String(stages.length),
        from,
        steps: [],
        workdir: parent?.workdir ?? '/',
        env: { ...parent?.env },
        ...{ user: parent?.user ?? 'root', expose: [], labels: {}, cmd: null, healthcheck: null },
      });
      continue;
    }
    const stage = stages.at(-1) ?? unknown(instruction, text);
    switch (instruction) {
      case 'ARG':
        break;
      case 'WORKDIR':
        stage.workdir = posix.resolve(stage.workdir, text);
        break;
      case 'ENV':
        Object.assign(stage.env, assignments(text));
        break;
      case 'LABEL':
        Object.assign(stage.labels, assignments(text));
        break;
      case 'USER':
        stage.user = text;
        break;
      case 'EXPOSE':
        stage.expose.push(...text.split(/\s+/).map(Number));
        break;
      case 'CMD':
        stage.cmd = execForm(text);
        break;
      case 'HEALTHCHECK': {
        const { flags, rest } = splitFlags(text);
        stage.healthcheck = { ...flags, cmd: execForm(rest.replace(/^CMD\s+/, '')) };
        break;
      }
      case 'COPY': {
        const { flags, rest } = splitFlags(text);
        const paths = rest.split(/\s+/);
        const destination = paths.pop();
        stage.steps.push({
          instruction,
          from: flags.from ?? null,
          chmod: flags.chmod ?? null,
          sources: paths,
          destination,
        });
        break;
      }
      case 'RUN':
        stage.steps.push({ instruction, command: splitFlags(text).rest });
        break;
      default:
        unknown(instruction, text);
    }
  }
  return { stages, image: stages.at(-1) };
}

function unknown(instruction, text) {
  throw new CheckFailed(
    `check-image does not understand this line of the Dockerfile: ${instruction} ${text}`,
  );
}

/** One for each instruction: comments gone, continued lines joined. */
function instructions(dockerfile) {
  return dockerfile
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, instruction, text] = /^\s*(\S+)\s+(.*\S)\s*$/.exec(line) ?? unknown(line, '');
      return { instruction: instruction.toUpperCase(), text };
    });
}

/** `--name=value` before the rest; of a repeated flag the last. */
function splitFlags(text) {
  const flags = {};
  let rest = text;
  for (let match; (match = /^--([a-z-]+)=(\S+)\s+/.exec(rest)) !== null; rest = rest.slice(match[0].length)) {
    flags[match[1]] = match[2];
  }
  return { flags, rest };
}

function assignments(text) {
  return Object.fromEntries(
    [...text.matchAll(/([^\s=]+)=(?:"([^"]*)"|(\S*))/g)].map(([, name, quoted, bare]) => [
      name,
      quoted ?? bare,
    ]),
  );
}

/** Only the exec form makes the program process 1, which gets the signals. */
function execForm(text) {
  if (!text.startsWith('[')) unknown('(not in exec form)', text);
  return JSON.parse(text);
}

// --- The build context ----------------------------------------------------------------------------------------------

/** Decides as Docker does: the last pattern that matches the path or one of its parents counts. */
function readDockerignore() {
  const rules = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({
      ignores: !line.startsWith('!'),
      pattern: new RegExp(`^${globToRegExp(line.replace(/^!/, '').replaceAll(/^\/|\/$/g, ''))}(?:/|$)`),
    }));
  return (path) =>
    rules.reduce((ignored, { ignores, pattern }) => (pattern.test(path) ? ignores : ignored), false);
}

function globToRegExp(glob) {
  return glob.replaceAll(/\*\*\/|\*\*|\*|\?|[.+^${}()|[\]\\]/g, (token) => {
    if (token === '**/') return '(?:.*/)?';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    return `\\${token}`;
  });
}

/** Files at or below `path` that get into the build, relative to the root of the checkout. */
function filesOfContext(path, isIgnored) {
  const stats = lstatSync(join(ROOT, path), { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return isIgnored(path) ? [] : [path];
  return readdirSync(join(ROOT, path)).flatMap((name) => filesOfContext(posix.join(path, name), isIgnored));
}

// --- Following it ---------------------------------------------------------------------------------------------------

/** Builds the stages that the last one needs below `temp`. @returns the root directory of the image */
async function followPlan({ stages, image }, temp, { build }) {
  const isIgnored = readDockerignore();
  const roots = new Map();
  const needed = new Set([image.name]);
  for (const stage of stages.toReversed()) {
    if (!needed.has(stage.name)) continue;
    needed.add(stage.from);
    for (const { from } of stage.steps) if (from && (build || from !== BUILD_STAGE)) needed.add(from);
  }

  for (const stage of stages.filter(({ name }) => needed.has(name))) {
    const root = join(temp, stage.name);
    if (roots.has(stage.from)) await copyTree(roots.get(stage.from), root);
    mkdirSync(join(root, stage.workdir), { recursive: true });
    roots.set(stage.name, root);
    for (const step of stage.steps) {
      if (step.instruction === 'COPY') await copy(step, stage, roots, isIgnored);
      else {
        await expectSuccess(
          `stage ${stage.name}: ${step.command.split(' && ')[0]}`,
          'sh',
          ['-c', step.command],
          {
            cwd: join(root, stage.workdir),
            env: { ...environmentOfNpm(), ...stage.env },
            timeoutMs: RUN_TIMEOUT_MS,
          },
        );
      }
    }
  }
  return roots.get(image.name);
}

async function copy({ from, chmod, sources, destination }, stage, roots, isIgnored) {
  const target = join(roots.get(stage.name), posix.resolve(stage.workdir, destination));
  for (const source of sources) {
    const intoDirectory = destination.endsWith('/') || sources.length > 1;
    const place = (isDirectory) => (intoDirectory && !isDirectory ? join(target, basename(source)) : target);
    if (from !== null) {
      // The build stage that was not run: its output is in this checkout.
      const path = roots.has(from)
        ? join(roots.get(from), source)
        : join(ROOT, posix.relative(stage.workdir, source));
      if (!existsSync(path))
        throw new CheckFailed(`${source} of stage ${from} is missing: npm run build makes it`);
      if (statSync(path).isDirectory()) await copyTree(path, target);
      else copyFileSync(path, place(false));
      continue;
    }
    const files = filesOfContext(posix.normalize(source), isIgnored);
    if (files.length === 0) throw new CheckFailed(`COPY ${source}: not there, or kept out by .dockerignore`);
    const isDirectory = statSync(join(ROOT, source)).isDirectory();
    for (const file of files) {
      const copied = isDirectory ? join(target, posix.relative(source, file)) : place(false);
      mkdirSync(dirname(copied), { recursive: true });
      copyFileSync(join(ROOT, file), copied);
      if (chmod !== null) chmodSync(copied, Number.parseInt(chmod, 8));
    }
  }
}

/** What is in one directory into another, by a program: there are thousands of files. */
async function copyTree(from, to) {
  mkdirSync(to, { recursive: true });
  await expectSuccess(`copy ${from}`, 'cp', ['-RPp', `${from}/.`, to], { timeoutMs: COMMAND_TIMEOUT_MS });
}

/** Ours, without what `npm run` adds for its own script; packages are taken from npm's cache where it has them. */
function environmentOfNpm() {
  const ours = Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|command|execpath|node)/.test(name),
  );
  return {
    ...Object.fromEntries(ours),
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    npm_config_prefer_offline: 'true',
    npm_config_update_notifier: 'false',
    NODE_ENV: '',
  };
}

function sizeOf(path) {
  const stats = lstatSync(path);
  if (!stats.isDirectory()) return stats.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

// --- Processes ------------------------------------------------------------------------------------------------------

const running = new Set();

/** Starts a program in a process group of its own; its output is collected. */
function start(command, args, { cwd, env, uid, gid } = {}) {
  const child = spawn(command, args, {
    cwd,
    env,
    uid,
    gid,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const started = { child, output: '', exited: undefined };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (started.output += text));
  }
  started.exited = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? code));
  }).finally(() => running.delete(child));
  // Whoever does not wait for it learns of its end in another way.
  started.exited.catch(() => undefined);
  return started;
}

/** @returns `{ exit, output }`; exit is the code, or the signal that ended it, or says that it took too long */
async function run(command, args, { timeoutMs, ...options }) {
  const started = start(command, args, options);
  return { exit: await endWithin(started, timeoutMs), output: started.output.trim() };
}

async function endWithin(started, timeoutMs) {
  const patience = new AbortController();
  const late = delay(timeoutMs, `not ended after ${timeoutMs / 1000} s`, {
    signal: patience.signal,
    ref: false,
  });
  late.catch(() => undefined);
  const exit = await Promise.race([started.exited, late]);
  patience.abort();
  if (running.has(started.child)) killGroup(started.child);
  return exit;
}

function killGroup({ pid }) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already, or never started.
  }
}

async function expectSuccess(what, command, args, options) {
  const { exit, output } = await run(command, args, options);
  if (exit !== 0) throw new CheckFailed(`${what}: exit ${exit}\n${output.slice(-4000)}`);
  return output;
}

function isOnPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return directory !== '';
    } catch {
      return false;
    }
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function until(what, timeoutMs, ask) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new CheckFailed(`${what}: not within ${timeoutMs / 1000} s`);
    await delay(50);
  }
}

// --- What the service needs -----------------------------------------------------------------------------------------

async function startPostgres(temp) {
  const module = join(ROOT, EMBEDDED_POSTGRES);
  if (!existsSync(module)) throw new CheckFailed('dist is missing: run "npm run build" first');
  const { acquireEmbeddedPostgres } = await import(pathToFileURL(module).href);
  return acquireEmbeddedPostgres({
    dataDirectory: join(temp, 'postgres'),
    port: 0,
    settings: { fsync: 'off' },
  });
}

/** The database and its roles as docker-compose.yml has them made. @returns URLs of the owner and of the service */
async function createRoles(superuserUrl) {
  const secrets = { POSTGRES_PASSWORD: secret(), POSTGRES_SERVICE_PASSWORD: secret() };
  const url = (user, password, database) =>
    Object.assign(new URL(superuserUrl), { username: user, password, pathname: `/${database}` }).href;
  const password = secret();
  await query(superuserUrl, [
    `CREATE ROLE initdb SUPERUSER LOGIN PASSWORD '${password}'`,
    `CREATE DATABASE ${DATABASE} OWNER initdb`,
  ]);
  const script = readFileSync(join(ROOT, 'database/compose/roles.sql'), 'utf8');
  await query(url('initdb', password, DATABASE), [substitutePsqlVariables(script, secrets)]);
  return {
    ownerUrl: url('analytics_owner', secrets.POSTGRES_PASSWORD, DATABASE),
    serviceUrl: url('analytics_app', secrets.POSTGRES_SERVICE_PASSWORD, DATABASE),
  };
}

/** As psql does it: `\getenv name VARIABLE`, then `:'name'` for a literal and `:"name"` for an identifier. */
function substitutePsqlVariables(script, environment) {
  const variables = { DBNAME: DATABASE };
  const sql = script.replaceAll(/^\\getenv (\w+) (\w+)$/gm, (_, name, variable) => {
    variables[name] = environment[variable];
    return '';
  });
  return sql
    .replaceAll(/:'(\w+)'/g, (_, name) => pg.escapeLiteral(variables[name]))
    .replaceAll(/:"(\w+)"/g, (_, name) => pg.escapeIdentifier(variables[name]));
}

async function query(url, statements) {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5000,
    query_timeout: 10_000,
  });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

async function startRedis(temp) {
  if (!isOnPath('redis-server')) {
    throw new CheckFailed('redis-server is not installed: node tools/install-test-services.mjs');
  }
  const [port, password] = [await freePort(), secret()];
  const directory = join(temp, 'redis');
  mkdirSync(directory);
  const network = ['--bind', '127.0.0.1', '--port', String(port), '--requirepass', password];
  const redis = start('redis-server', [...network, '--dir', directory, '--save', '']);
  await until('redis-server accepts connections', 10_000, () =>
    redis.output.includes('Ready to accept connections'),
  );
  return { port, password };
}

/** A cluster that the environment names; else a closed port, without which the service must serve all the same. */
async function chooseKafka() {
  const { KAFKA_BROKERS: given } = process.env;
  return given
    ? { brokers: given, isThere: true }
    : { brokers: `127.0.0.1:${await freePort()}`, isThere: false };
}

function secret() {
  return randomBytes(24).toString('hex');
}

// --- Running it -----------------------------------------------------------------------------------------------------

/** Runs commands as a container of the image would: its variables and no others, its user, its working directory. */
function container(image, root, node) {
  const [uid, gid = uid] = image.user.split(':').map(Number);
  if (!(uid > 0)) throw new CheckFailed(`USER ${image.user} is not the number of somebody other than root`);
  return ([program, ...args], environment) => [
    program === 'node' ? node : program,
    args,
    {
      cwd: join(root, image.workdir),
      env: { PATH: process.env.PATH, HOME: '/nonexistent', ...image.env, ...environment },
      // Only root may become somebody else; whoever else runs this is not root already.
      ...(process.getuid() === 0 && { uid, gid }),
    },
  ];
}

/** The Node that runs this, where the image's user can get at it. */
function nodeForEverybody(temp) {
  const reachable = (path) =>
    path === '/' || ((statSync(path).mode & 0o001) !== 0 && reachable(dirname(path)));
  if (process.getuid() !== 0 || reachable(process.execPath)) return process.execPath;
  const copied = join(temp, 'node');
  copyFileSync(process.execPath, copied);
  chmodSync(copied, 0o755);
  return copied;
}

function request(port, path, { method = 'GET', token, body } = {}) {
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
}

async function expectAnswer(port, path, options, check) {
  const response = await request(port, path, options);
  const answer = await response.json();
  if (!response.ok || !check(answer)) {
    throw new CheckFailed(`${path} answered ${response.status}: ${JSON.stringify(answer)}`);
  }
  return answer;
}

// --- The check ------------------------------------------------------------------------------------------------------

async function step(name, work) {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  try {
    const outcome = await work();
    console.log(`ok      ${name} (${seconds()})`);
    return outcome;
  } catch (error) {
    console.log(`FAILED  ${name} (${seconds()})`);
    throw error;
  }
}

async function check({ build, keep }) {
  const plan = readPlan();
  // As in a build: what is made can be read by everybody.
  process.umask(0o022);
  const temp = mkdtempSync(join(tmpdir(), 'analytics-image-'));
  chmodSync(temp, 0o711);
  let postgres;
  const cleanUp = async () => {
    running.forEach(killGroup);
    await postgres?.then((server) => server.release()).catch((error) => console.error(error));
    if (keep) console.log(`kept: ${join(temp, plan.image.name)}`);
    else {
      await run('chmod', ['-R', 'u+w', temp], { timeoutMs: COMMAND_TIMEOUT_MS });
      rmSync(temp, { recursive: true, force: true });
    }
  };
  const interrupted = new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => reject(new CheckFailed(`interrupted by ${signal}`)));
    }
  });
  interrupted.catch(() => undefined);
  try {
    // They start while npm installs; whether they have started is asked later.
    postgres = startPostgres(temp);
    const redis = startRedis(temp);
    for (const starting of [postgres, redis]) starting.catch(() => undefined);
    await Promise.race([interrupted, checkTree(plan, temp, { build, postgres, redis })]);
  } finally {
    await cleanUp();
  }
}

async function checkTree(plan, temp, { build, ...services }) {
  const { image } = plan;
  const root = await step(
    `follow the Dockerfile${build ? '' : `, with dist of this checkout for stage ${BUILD_STAGE}`}`,
    () => followPlan(plan, temp, { build }),
  );
  const app = join(root, image.workdir);
  const surplus = DEVELOPMENT_PACKAGES.filter((name) => existsSync(join(app, 'node_modules', name)));
  if (surplus.length > 0) throw new CheckFailed(`Only development needs these: ${surplus.join(', ')}`);
  await expectSuccess('make the tree read-only', 'chmod', ['-R', 'a-w', root], {
    timeoutMs: COMMAND_TIMEOUT_MS,
  });

  const { postgres, redis } = await step('start PostgreSQL and Redis', async () => ({
    postgres: await services.postgres,
    redis: await services.redis,
  }));
  const kafka = await chooseKafka();
  const { ownerUrl, serviceUrl } = await step('make the roles of docker-compose.yml', () =>
    createRoles(postgres.ownerUrl),
  );

  const inContainer = container(image, root, nodeForEverybody(temp));
  const runInContainer = (command, environment) => {
    const [program, args, options] = inContainer(command, environment);
    return run(program, args, { ...options, timeoutMs: COMMAND_TIMEOUT_MS });
  };
  const expectInContainer = async (command, environment, said) => {
    const { exit, output } = await runInContainer(command, environment);
    if (exit !== 0 || !output.includes(said))
      throw new CheckFailed(`${command.join(' ')}: exit ${exit}\n${output}`);
  };

  await step('nothing configured: refuses to start, and says what is missing', async () => {
    const { exit, output } = await runInContainer(image.cmd, {});
    const missing = ['DATABASE_URL', 'REDIS_HOST', 'KAFKA_BROKERS', 'JWT_SECRET'].filter(
      (name) => !output.includes(name),
    );
    if (exit !== 1 || missing.length > 0)
      throw new CheckFailed(`exit ${exit}; not named: ${missing}\n${output}`);
  });
  await step('migrate as the owner, who is no superuser', () =>
    expectInContainer(['node', 'dist/src/cli/migrate.js'], { DATABASE_MIGRATION_URL: ownerUrl }, 'Applied: '),
  );
  await step('migrate again: nothing to do', () =>
    expectInContainer(
      ['node', 'dist/src/cli/migrate.js'],
      { DATABASE_MIGRATION_URL: ownerUrl },
      'up to date',
    ),
  );

  const jwtSecret = secret();
  const environment = {
    PORT: String(await freePort()),
    DATABASE_URL: serviceUrl,
    REDIS_HOST: '127.0.0.1',
    REDIS_PORT: String(redis.port),
    REDIS_PASSWORD: redis.password,
    KAFKA_BROKERS: kafka.brokers,
    JWT_SECRET: jwtSecret,
  };
  await step('healthcheck before the service runs: unhealthy', async () => {
    const { exit, output } = await runInContainer(image.healthcheck.cmd, environment);
    if (exit !== 1) throw new CheckFailed(`exit ${exit}\n${output}`);
  });

  const [program, args, options] = inContainer(image.cmd, environment);
  const service = start(program, args, options);
  const port = environment.PORT;
  try {
    await step(`start the service: ${kafka.isThere ? 'ready' : 'degraded without Kafka'}`, () =>
      becomesReady(port, service, kafka.isThere ? 'ok' : 'degraded'),
    );
    await step('healthcheck: healthy', () => expectInContainer(image.healthcheck.cmd, environment, ''));
    await step('take events and a heartbeat, answer who is online', () => useService(port, jwtSecret));
    await step('operator commands beside it: events-import, dau-calculate, dau-audit', async () => {
      const file = join(temp, 'history.jsonl');
      const event = { eventName: 'app_session_start', installId: 'phone-of-li-wei', clientTs: 1_542_254_400 };
      writeFileSync(file, `${JSON.stringify(event)}\n`, { mode: 0o644 });
      await expectInContainer(['node', 'dist/src/cli/events-import.js', file], environment, '1');
      await expectInContainer(
        ['node', 'dist/src/cli/dau-calculate.js', '2018-11-15'],
        environment,
        '2018-11-15  1',
      );
      await expectInContainer(['node', 'dist/src/cli/dau-audit.js', '2018-11-15'], environment, 'No drift');
    });
    await step('SIGTERM: stops in time, with exit code 0', async () => {
      service.child.kill('SIGTERM');
      const exit = await endWithin(service, STOP_TIMEOUT_MS);
      if (exit !== 0) throw new CheckFailed(`exit ${exit}`);
    });
  } catch (error) {
    console.error(`The service wrote:\n${service.output.slice(-4000)}`);
    throw error;
  }

  const sizes = ['node_modules', 'dist'].map((name) => `${name} ${megabytes(sizeOf(join(app, name)))}`);
  const madeFor = plan.stages[0].from;
  console.log(
    `The tree: ${megabytes(sizeOf(root))} (${sizes.join(', ')}), on top of ${madeFor}; run on Node ${process.version}.`,
  );
}

async function becomesReady(port, service, expected) {
  let last = 'no answer';
  const ready = async () => {
    if (service.child.exitCode !== null) throw new CheckFailed(`it ended with ${service.child.exitCode}`);
    try {
      const response = await request(port, '/health/ready');
      last = await response.text();
      return response.ok && JSON.parse(last).status === expected;
    } catch {
      return false;
    }
  };
  await until('ready', READY_TIMEOUT_MS, ready).catch((error) => {
    throw new CheckFailed(`${error.message}; /health/ready: ${last}`);
  });
}

async function useService(port, jwtSecret) {
  const now = Math.floor(Date.now() / 1000);
  const token = jwt.sign({ userId: '42' }, jwtSecret, { algorithm: 'HS256', expiresIn: '1m' });
  const events = [{ eventName: 'app_session_start', installId: 'phone-of-li-wei', clientTs: now }];
  await expectAnswer(
    port,
    '/analytics/events',
    { method: 'POST', body: { events } },
    ({ accepted }) => accepted === 1,
  );
  const heartbeat = { installId: 'phone-of-li-wei', appVersion: '1.0.0', clientTs: now };
  await expectAnswer(port, '/presence/heartbeat', { method: 'POST', token, body: heartbeat }, ({ ok }) => ok);
  await expectAnswer(port, '/presence/online-count', { token }, ({ count }) => count === 1);
}

const { values } = parseArgs({
  options: { build: { type: 'boolean' }, keep: { type: 'boolean' }, plan: { type: 'boolean' } },
});
try {
  if (values.plan) {
    const isIgnored = readDockerignore();
    const entersBuild = (source) => filesOfContext(posix.normalize(source), isIgnored);
    const plan = readPlan();
    for (const { steps } of plan.stages) {
      for (const copied of steps)
        if (copied.from === null) copied.files = copied.sources?.flatMap(entersBuild);
    }
    console.log(JSON.stringify(plan));
  } else await check({ build: values.build ?? false, keep: values.keep ?? false });
} catch (error) {
  console.error(error instanceof CheckFailed ? error.message : error);
  process.exitCode = 1;
}
