import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { startGuarded, temporaryDirectory, waitFor, type GuardedProcess } from './processes.js';

const DIST = new URL('../../dist/', import.meta.url);
const START_TIMEOUT_MS = 30_000;
/** The service itself stops draining after 15 s. */
const STOP_TIMEOUT_MS = 20_000;
const COMMAND_TIMEOUT_MS = 60_000;

/** Signs the tokens of the tests; the service rejects its example secrets in production. */
export const TEST_JWT_SECRET = 'end-to-end-tests-sign-their-tokens-with-this';

export type Settings = Readonly<Record<string, string>>;

export interface ProgramResult {
  /** null when a signal ended it */
  readonly exitCode: number | null;
  /** standard output and error in order of arrival */
  readonly output: string;
}

export interface Program {
  readonly pid: number;
  /** resolves to the exit code (null after a signal); does not keep this process alive */
  readonly exited: Promise<number | null>;
  output(): string;
  /** Sends a signal unless the program has ended. */
  kill(signal: NodeJS.Signals): void;
  /** Sends a signal, by default SIGTERM, waits at most 20 s for the end and returns the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Waits until the program ends by itself. */
  result(timeoutMs?: number): Promise<ProgramResult>;
}

export interface Service extends Program {
  /** origin without a trailing slash */
  readonly url: string;
}

export interface ServiceOptions {
  /** The whole environment apart from PATH, so that a developer's settings have no effect. */
  readonly env?: Settings;
  readonly startTimeoutMs?: number;
  /** Arguments of Node itself, such as `--cpu-prof`. */
  readonly nodeArguments?: readonly string[];
}

/** Returns settings for the given servers; the service starts its own for a missing one. */
export function settings(options: {
  readonly databaseUrl?: string;
  readonly redis?: {
    readonly host: string;
    readonly port: number;
    readonly db?: number;
    readonly password?: string | undefined;
  };
}): Settings {
  const { databaseUrl, redis } = options;
  return {
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    ...(redis !== undefined && {
      REDIS_HOST: redis.host,
      REDIS_PORT: String(redis.port),
      REDIS_DB: String(redis.db ?? 0),
      ...(redis.password !== undefined && { REDIS_PASSWORD: redis.password }),
    }),
  };
}

/** Arguments of Node that the package scripts and the image start the service with. */
export const START_ARGUMENTS = ['--max-old-space-size=512'];

/** Arguments of Node that shift the wall clock of a service, as on a machine whose clock is wrong. */
export function shiftedClock(milliseconds: number): string[] {
  const module = new URL('shifted-clock.mjs', import.meta.url);
  module.searchParams.set('ms', String(milliseconds));
  return ['--import', module.href];
}

/** Starts the built service on a free port, waits until it listens and ends it with this process. */
export async function startService(options: ServiceOptions = {}): Promise<Service> {
  const program = await startBuilt('src/main.js', [], options.env, [
    ...START_ARGUMENTS,
    ...(options.nodeArguments ?? []),
  ]);
  try {
    let ended = false;
    void program.exited.then(() => (ended = true));
    const match = await waitFor(
      () => {
        const found = /Listening on (http:\/\/[^\s"]+)/.exec(program.output());
        return found ?? (ended ? 'ended' : null);
      },
      options.startTimeoutMs ?? START_TIMEOUT_MS,
      { what: 'the service listens' },
    );
    if (match === 'ended') throw new Error('it ended');
    return { ...program, url: match[1]! };
  } catch (cause) {
    const output = program.output();
    await program.stop('SIGKILL');
    throw new Error(`The service does not listen; it wrote:\n${output}`, { cause });
  }
}

/** Runs a built command, such as `src/cli/dau-calculate.js`, to its end. */
export async function runBuilt(
  file: string,
  args: readonly string[],
  env?: Settings,
): Promise<ProgramResult> {
  const program = await startBuilt(file, args, env);
  return program.result();
}

/** Starts a program of `dist` with these settings alone and ends it with this process. */
export async function startBuilt(
  file: string,
  args: readonly string[],
  env: Settings = {},
  nodeArguments: readonly string[] = [],
): Promise<Program> {
  const path = fileURLToPath(new URL(file, DIST));
  if (!existsSync(path)) throw new Error(`dist/${file} is missing: run npm run build`);
  const complete: Settings = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    TZ: 'UTC',
    NO_COLOR: '1',
    NODE_ENV: 'test',
    PORT: '0',
    JWT_SECRET: TEST_JWT_SECRET,
    ...env,
  };
  const guarded = await startGuarded({
    // The guard sets a fixed environment and starts programs in `/`, where no `.env` is read.
    command: 'env',
    args: [
      '-i',
      ...Object.entries(complete).map(([name, value]) => `${name}=${value}`),
      process.execPath,
      ...nodeArguments,
      path,
      ...args,
    ],
    directory: temporaryDirectory('program'),
  });
  return asProgram(guarded, file);
}

function asProgram(guarded: GuardedProcess, name: string): Program {
  let lastOutput: string | undefined;
  let ended = false;
  const exited = guarded.exited.then(({ code }) => {
    ended = true;
    return code;
  });
  const output = (): string => lastOutput ?? guarded.output();
  const kill = (signal: NodeJS.Signals): void => {
    if (!ended) guarded.signal(signal);
  };
  const result = async (timeoutMs = COMMAND_TIMEOUT_MS): Promise<ProgramResult> => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      kill('SIGKILL');
    }, timeoutMs);
    const { code } = await guarded.end();
    clearTimeout(timer);
    lastOutput ??= guarded.output();
    await guarded.stop();
    if (late) throw new Error(`dist/${name} did not end within ${timeoutMs} ms; it wrote:\n${lastOutput}`);
    return { exitCode: code, output: lastOutput };
  };
  return {
    pid: guarded.pid,
    exited,
    output,
    kill,
    result,
    stop: async (signal = 'SIGTERM') => {
      kill(signal);
      const { exitCode } = await result(STOP_TIMEOUT_MS);
      return exitCode;
    },
  };
}
