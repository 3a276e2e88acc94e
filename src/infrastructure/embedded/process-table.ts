import { readFile } from 'node:fs/promises';

import { runProgram } from './run-program.js';
import { hasCode, ignore } from './system-error.js';

/**
 * Returns when a process started, as a mark of letters and digits; undefined when it is dead or a zombie.
 * Process ids are recycled: id and mark together identify a process.
 */
export async function readStartMark(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return readLinuxStartTime(pid);
  if (!signalProcess(pid, 0)) return undefined;
  if (process.platform === 'win32') return 'running';
  const [state = 'Z', ...startTime] = (await runPs(pid, 'stat=,lstart=')).split(/\s+/);
  return /^Z?$/.test(state) ? undefined : startTime.join('').replaceAll(/\W/g, '');
}

/** Tests whether a process runs; cheap enough for a check every second. */
export async function isAlive(pid: number): Promise<boolean> {
  if (process.platform === 'linux') return (await readLinuxStartTime(pid)) !== undefined;
  return signalProcess(pid, 0);
}

/** Returns the command line of a process with blanks between its arguments; empty when it does not run. */
export async function readCommandLine(pid: number): Promise<string> {
  if (process.platform !== 'linux') return runPs(pid, 'command=');
  const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return raw.replaceAll('\0', ' ').trim();
}

async function readLinuxStartTime(pid: number): Promise<string | undefined> {
  // Other errors, such as too many open files, say nothing about the process.
  const isGone = ignore('ENOENT', 'ESRCH', 'EACCES', 'EPERM');
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(isGone);
  if (stat === undefined) return undefined;
  // proc_pid_stat(5): "pid (name) state …", and the name may contain blanks and parentheses.
  const [state = '', ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startTime = rest[18];
  return /^[ZX]?$/.test(state) ? undefined : startTime;
}

async function runPs(pid: number, columns: string): Promise<string> {
  const { stdout } = await runProgram('ps', ['-ww', '-o', columns, '-p', String(pid)], 5_000);
  return stdout.trim();
}

/** Sends a signal; 0 only checks. Returns whether the process exists. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}
