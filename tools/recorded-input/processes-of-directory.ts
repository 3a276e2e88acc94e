import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface RunningProcess {
  readonly pid: number;
  readonly command: string;
}

/** Finds processes whose arguments, working directory or environment name a directory; none outside Linux. */
export function findProcessesOf(directory: string): RunningProcess[] {
  if (!existsSync('/proc/self/cmdline')) return [];
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) =>
      [
        () => readFileSync(`/proc/${pid}/cmdline`, 'utf8'),
        () => readlinkSync(`/proc/${pid}/cwd`),
        () => readFileSync(`/proc/${pid}/environ`, 'latin1'),
      ].some((read) => readOrEmpty(read).includes(directory)),
    )
    .map((pid) => ({ pid: Number(pid), command: commandOf(pid) }));
}

function commandOf(pid: string): string {
  const command = readOrEmpty(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  return command.replaceAll('\0', ' ').trim() || '(ended)';
}

/** A process may end while it is read, or belong to another user. */
function readOrEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
