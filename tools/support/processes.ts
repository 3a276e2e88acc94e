import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { CheckFailedError } from './check-steps.js';

/** An exit code, or the signal that ended the process. */
export type Exit = number | NodeJS.Signals;

export interface StartOptions {
  readonly cwd?: string;
  /** Replaces the environment of this process; without it the environment is inherited. */
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
}

export interface StartedProcess {
  /** The command line, for messages. */
  readonly command: string;
  /** Settles when the process has ended; rejects when it could not be started. */
  readonly exited: Promise<Exit>;
  /** Undefined while the process runs. */
  exit(): Exit | undefined;
  /** Standard output and standard error so far, in the order of arrival. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** Sends SIGKILL to the process group, which may outlive the process. */
  killGroup(): void;
}

const started = new Set<StartedProcess>();

/** Starts a program in a process group of its own and collects its output. */
export function startProcess(
  program: string,
  args: readonly string[],
  options: StartOptions = {},
): StartedProcess {
  const child = spawn(program, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let exit: Exit | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      exit = signal ?? code ?? 0;
      resolve(exit);
    });
  });
  // A caller may never wait for this process; a failed start must not end the check as an unhandled rejection.
  exited.catch(() => undefined);
  const startedProcess: StartedProcess = {
    command: [program, ...args].join(' '),
    exited,
    exit: () => exit,
    output: () => output,
    signal: (signal) => child.kill(signal),
    killGroup: () => {
      started.delete(startedProcess);
      if (child.pid !== undefined) killIfRunning(-child.pid);
    },
  };
  started.add(startedProcess);
  return startedProcess;
}

/** Sends SIGKILL to a process, or to a process group when the number is negative. */
export function killIfRunning(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has ended already.
  }
}

/** Kills the groups of all processes that this module started. */
export function killStartedProcesses(): void {
  for (const each of started) each.killGroup();
}

/**
 * Waits for a process to end.
 *
 * @throws CheckFailedError when it still runs after `timeoutMs`; its group is killed then
 */
export async function waitForExit(running: StartedProcess, timeoutMs: number): Promise<Exit> {
  const timer = new AbortController();
  const timeout = delay(timeoutMs, undefined, { signal: timer.signal });
  timeout.catch(() => undefined);
  try {
    const exit = await Promise.race([running.exited, timeout]);
    if (exit !== undefined) return exit;
  } finally {
    timer.abort();
  }
  running.killGroup();
  throw new CheckFailedError(
    `${running.command}: still running after ${timeoutMs / 1000} s\n${lastOutput(running)}`,
  );
}

/** Runs a program to its end and kills what is left of its process group. */
export async function runProcess(
  program: string,
  args: readonly string[],
  options: StartOptions & { readonly timeoutMs: number },
): Promise<{ readonly exit: Exit; readonly output: string }> {
  const { timeoutMs, ...startOptions } = options;
  const running = startProcess(program, args, startOptions);
  try {
    const exit = await waitForExit(running, timeoutMs);
    return { exit, output: running.output().trim() };
  } finally {
    running.killGroup();
  }
}

/**
 * Runs a program that must end with exit code 0.
 *
 * @returns its output
 * @throws CheckFailedError with the output when the program fails
 */
export async function runSuccessfully(
  program: string,
  args: readonly string[],
  options: StartOptions & { readonly timeoutMs: number },
): Promise<string> {
  const { exit, output } = await runProcess(program, args, options);
  if (exit !== 0) {
    throw new CheckFailedError(
      `${[program, ...args].join(' ')}: ${describeExit(exit)}\n${output.slice(-4000)}`,
    );
  }
  return output;
}

export function describeExit(exit: Exit): string {
  return typeof exit === 'number' ? `exit code ${exit}` : `signal ${exit}`;
}

/** Returns the end of the output, which is where a failure stands. */
export function lastOutput(running: StartedProcess): string {
  return running.output().trimEnd().slice(-4000);
}
