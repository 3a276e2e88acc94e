import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

const PS_TIMEOUT_MS = 5_000;

/** The OS user to run a program as; empty for the user of this process. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

export interface Finished {
  /** exit code; -1 when a signal ended it or it could not be started */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** errno name when it could not be started (ENOENT, EACCES, EPERM, …) or `ETIMEDOUT` */
  readonly failure?: string;
}

/**
 * Runs a program to its end, without a shell. Never rejects.
 * The environment is a fixed one: PGDATA, PGPORT, LANG and the like of the caller must not change what happens.
 */
export function runProgram(
  file: string,
  args: readonly string[],
  options: { readonly timeoutMs: number; readonly runAs?: RunAs },
): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(
      file,
      [...args],
      {
        ...options.runAs,
        ...serverProcessContext(),
        timeout: options.timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: 4 * 1024 * 1024,
        windowsHide: true,
      },
      (error, stdout, stderr) => {
        if (error === null) return resolve({ exitCode: 0, stdout, stderr });
        const exitCode = typeof error.code === 'number' ? error.code : -1;
        const failure =
          error.killed === true ? 'ETIMEDOUT' : typeof error.code === 'string' ? error.code : undefined;
        resolve({ exitCode, stdout, stderr, ...(failure === undefined ? {} : { failure }) });
      },
    );
  });
}

/**
 * Environment and working directory for the PostgreSQL programs: the C locale, since their messages are read here,
 * and `/`, since the OS user they run as may not be able to enter the directory this process was started in.
 */
export function serverProcessContext(): { env?: NodeJS.ProcessEnv; cwd?: string } {
  if (process.platform === 'win32') return {};
  return { env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' }, cwd: '/' };
}

/**
 * When the process with this id was started, as an opaque mark that another process with the same id (ids are
 * recycled, quickly so after a reboot) does not have. Undefined when there is no such process or it is a zombie.
 */
export async function processStartMark(pid: number): Promise<string | undefined> {
  if (!isSignalable(pid)) return undefined;
  if (process.platform === 'linux') return linuxStartMark(pid);
  if (process.platform === 'win32') return 'running';
  const { exitCode, stdout } = await runProgram('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    timeoutMs: PS_TIMEOUT_MS,
  });
  const [state = 'Z', ...started] = stdout.trim().split(/\s+/);
  return exitCode !== 0 || state.startsWith('Z') ? undefined : started.join(' ');
}

/** Cheap enough to be asked every second; a zombie counts as dead where that costs nothing to find out. */
export async function isAlive(pid: number): Promise<boolean> {
  if (!isSignalable(pid)) return false;
  return process.platform === 'linux' ? (await linuxStartMark(pid)) !== undefined : true;
}

/** The command line of a process, its arguments separated by blanks; empty when there is no such process. */
export async function commandLine(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return raw.split('\0').join(' ').trim();
  }
  const { stdout } = await runProgram('ps', ['-ww', '-o', 'command=', '-p', String(pid)], {
    timeoutMs: PS_TIMEOUT_MS,
  });
  return stdout.trim();
}

async function linuxStartMark(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  // "pid (name) state …": the name may hold blanks and parentheses, so the fields are counted from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  // Field 22 of proc_pid_stat(5): start time in clock ticks since boot.
  return state === undefined || state === 'Z' || state === 'X' ? undefined : fields[19];
}

function isSignalable(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/** Whether a value caught is a system error with one of these codes (ENOENT, …). */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  // Not by `instanceof Error`: within Jest's module realm the system's errors are of another one.
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
