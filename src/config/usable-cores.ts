import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Limit of CPU time by version 2 of cgroups: quota and period in microseconds, or `max`. */
const CPU_MAX = '/sys/fs/cgroup/cpu.max';
/** The same by version 1; a quota of -1 is none. */
const CPU_QUOTA = '/sys/fs/cgroup/cpu/cpu.cfs_quota_us';
const CPU_PERIOD = '/sys/fs/cgroup/cpu/cpu.cfs_period_us';

/**
 * Counts the cores that this process may use: those of the machine, or fewer where the container has a limit, which
 * Node does not regard.
 *
 * @param read returns the text of a file, or null when there is none
 */
export function countUsableCores(
  read: (path: string) => string | null = readText,
  ofMachine = availableParallelism(),
): number {
  const [quota = NaN, period = NaN] = read(CPU_MAX)?.trim().split(/\s+/).map(Number) ?? [
    Number(read(CPU_QUOTA) ?? NaN),
    Number(read(CPU_PERIOD) ?? NaN),
  ];
  const limit = quota > 0 && period > 0 ? Math.ceil(quota / period) : Infinity;
  return Math.max(1, Math.min(ofMachine, limit));
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
