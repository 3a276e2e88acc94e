import { execFile } from 'node:child_process';

/** OS user that a program runs as; empty for the user of this process. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

export interface ProgramFailure {
  /** Name of a system error (ENOENT, EACCES, …), `ETIMEDOUT`, or the exit code. */
  readonly code: string;
  /** System error and output of the program, for a message. */
  readonly text: string;
}

export interface ProgramResult {
  readonly stdout: string;
  /** Undefined after exit code 0. */
  readonly failure?: ProgramFailure;
}

/** Runs a program to its end, without a shell and in {@link programContext}. Never rejects. */
export function runProgram(
  file: string,
  args: readonly string[],
  timeoutMs: number,
  runAs: RunAs = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    execFile(
      file,
      [...args],
      {
        ...runAs,
        ...programContext(),
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: 4 * 1024 * 1024,
        windowsHide: true,
      },
      (error, stdout, stderr) => {
        if (error === null) return resolve({ stdout });
        const code = error.killed === true ? 'ETIMEDOUT' : String(error.code ?? error.signal);
        const output = stderr.trim() || stdout.trim();
        const text = typeof error.code === 'number' ? output || `exit code ${code}` : `${code}: ${output}`;
        resolve({ stdout, failure: { code, text } });
      },
    );
  });
}

/** Returns a fixed environment and directory, against effects of the caller's PGDATA, LANG or private directory. */
export function programContext(): { env?: NodeJS.ProcessEnv; cwd?: string } {
  if (process.platform === 'win32') return {};
  return { env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' }, cwd: '/' };
}
