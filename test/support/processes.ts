import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const GUARD = fileURLToPath(new URL('guard.mjs', import.meta.url));
const HOOKS = new URL('../../tools/typescript/register-ts.mjs', import.meta.url).href;

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/**
 * Calls `condition` every `intervalMs` (default 25) until it returns a truthy value, and returns that.
 *
 * @throws after `timeoutMs`, with the last error of `condition` as the cause
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  timeoutMs = 10_000,
  options: { readonly what?: string; readonly intervalMs?: number } = {},
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await condition();
      if (answer) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`Not within ${timeoutMs} ms: ${options.what ?? String(condition)}`, { cause: last });
    }
    await sleep(options.intervalMs ?? 25);
  }
}

/** Ports below the range from which Linux and macOS take the local ports of outgoing connections. */
const LOWEST_PORT = 16_384;
const HIGHEST_PORT = 32_767;

/** Returns a TCP port on 127.0.0.1 that no listener has and no outgoing connection takes. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT + 1);
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

/** Creates a temporary directory that programs of another user can traverse. */
export function temporaryDirectory(purpose: string): string {
  const directory = mkdtempSync(join(tmpdir(), `analytics-test-${purpose}-`));
  chmodSync(directory, 0o711);
  return directory;
}

export interface GuardOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** removed at the end, even after a crash of this process */
  readonly directory: string;
  readonly stopSignal?: NodeJS.Signals;
  readonly uid?: number;
  readonly gid?: number;
  /** added to the error when the command is missing */
  readonly installHint?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface GuardedProcess {
  readonly pid: number;
  /** resolves when the program ends; does not keep this process alive */
  readonly exited: Promise<Exit>;
  /** Waits until the program ends. */
  end(): Promise<Exit>;
  /** returns standard output and error so far */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** Kills the program as a crash would and keeps its directory until `stop`. */
  kill(): Promise<void>;
  /** Ends the program and removes its directory unless a successor needs it. */
  stop(options?: { readonly keepDirectory?: boolean }): Promise<void>;
}

type GuardMessage = { pid: number } | { error: string } | { exit: Exit };

/** Starts a program that ends and loses its directory when this process ends, even by a crash. */
export async function startGuarded(options: GuardOptions): Promise<GuardedProcess> {
  const logFile = join(options.directory, 'output.log');
  const guard = spawn(
    process.execPath,
    [GUARD, JSON.stringify({ stopSignal: 'SIGTERM', ...options, logFile })],
    { detached: true, stdio: ['ignore', 'ignore', 'inherit', 'ipc'], cwd: tmpdir() },
  );
  const ended = new Promise<void>((resolve) => guard.once('exit', () => resolve()));
  const exit = deferred<Exit>();
  const started = deferred<number>();
  guard.on('message', (message: GuardMessage) => {
    if ('pid' in message) started.resolve(message.pid);
    else if ('exit' in message) exit.resolve(message.exit);
    else started.reject(cannotStart(options, message.error));
  });
  guard.once('error', (error) => started.reject(error));
  guard.once('exit', () => {
    started.reject(new Error(`The guard of ${options.command} ended`));
    exit.resolve({ code: null, signal: null });
  });
  const pid = await started.promise.catch(async (error: unknown) => {
    if (guard.connected) guard.disconnect();
    throw error;
  });
  // A program that a test leaves running does not keep the test run alive.
  guard.unref();
  guard.channel?.unref();
  const exited = exit.promise;
  const referenced = async <T>(waiting: Promise<T>): Promise<T> => {
    guard.ref();
    guard.channel?.ref();
    try {
      return await waiting;
    } finally {
      guard.unref();
      guard.channel?.unref();
    }
  };
  return {
    pid,
    exited,
    end: () => referenced(exited),
    output: () => readFileSync(logFile, 'utf8'),
    signal: (signal) => void process.kill(pid, signal),
    kill: async () => {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // the program has ended already
      }
      await referenced(exited);
    },
    stop: async ({ keepDirectory = false } = {}) => {
      if (guard.connected) guard.send({ end: keepDirectory ? 'keep' : 'remove' }, () => undefined);
      await referenced(ended);
    },
  };
}

function cannotStart({ command, installHint }: GuardOptions, reason: string): Error {
  if (reason !== 'ENOENT') return new Error(`${command} could not be started: ${reason}`);
  return new Error(`${command} is not installed. ${installHint ?? ''}`.trim());
}

function deferred<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

export interface SpawnedProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** lines of standard output and error so far, in order of arrival */
  readonly lines: readonly string[];
  /** Returns the first past or future line that matches. @throws at the time limit or the process's end */
  line(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Sends a signal (default SIGTERM) and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<Exit>;
}

const spawned = new Set<ChildProcess>();
process.once('exit', () => spawned.forEach((child) => child.kill('SIGKILL')));

/** Starts a program, reads its output line by line and kills it when this process exits. */
export function spawnProcess(
  command: string,
  args: readonly string[],
  options: Pick<SpawnOptions, 'cwd' | 'env' | 'detached'> = {},
): SpawnedProcess {
  const child = spawn(command, [...args], { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  if (child.pid === undefined) throw new Error(`${command} could not be started`);
  spawned.add(child);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      spawned.delete(child);
      resolve({ code, signal });
    });
  });
  let exit: Exit | undefined;
  void exited.then((value) => (exit = value));
  return {
    child,
    pid: child.pid,
    exited,
    lines,
    line: async (pattern, timeoutMs = 20_000) => {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const ended = exit;
        for (const line of lines) {
          const match = pattern.exec(line);
          if (match !== null) return match;
        }
        if (ended !== undefined || Date.now() > deadline) {
          const why =
            ended === undefined ? `not within ${timeoutMs} ms` : `ended with ${JSON.stringify(ended)}`;
          throw new Error(`${command}: no line ${String(pattern)} (${why}); it wrote:\n${lines.join('\n')}`);
        }
        await sleep(10);
      }
    },
    end: (signal = 'SIGTERM') => {
      child.kill(signal);
      return exited;
    },
  };
}

/** Starts a TypeScript file of the project under plain Node, as {@link spawnProcess} does. */
export function spawnTypeScript(
  file: string | URL,
  args: readonly string[] = [],
  options: Pick<SpawnOptions, 'cwd' | 'env' | 'detached'> = {},
): SpawnedProcess {
  const path = typeof file === 'string' ? file : fileURLToPath(file);
  return spawnProcess(process.execPath, ['--import', HOOKS, path, ...args], options);
}
