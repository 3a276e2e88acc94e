import { setTimeout as sleep } from 'node:timers/promises';

import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { ProcessRegister } from './process-register.js';

const POLL_MS = 50;

/**
 * Runs `action` while no other caller, in this process or another, runs one under the same path.
 * The lock of a process that has died is free.
 *
 * @param deadline milliseconds since epoch
 * @throws EmbeddedPostgresError `timeout` when the lock is not free before the deadline
 */
export async function withDirectoryLock<T>(
  path: string,
  deadline: number,
  action: (deadline: number) => Promise<T>,
): Promise<T> {
  const owners = new ProcessRegister(path);
  const entry = await acquireLock(owners, path, deadline);
  try {
    return await action(deadline);
  } finally {
    await owners.remove(entry);
  }
}

/** Waits until this caller's entry is the only one: of two callers, the later one to add sees the other. */
async function acquireLock(owners: ProcessRegister, path: string, deadline: number): Promise<string> {
  for (;;) {
    const own = await owners.add();
    const other = (await owners.list()).find(({ entry }) => entry !== own);
    if (other === undefined) return own;
    await owners.remove(own);
    if (Date.now() > deadline) {
      throw new EmbeddedPostgresError(
        'timeout',
        `The embedded database is being started or stopped by process ${other.pid}, which has not finished in time. ` +
          `If that process is stuck, end it and try again (lock: ${path}).`,
      );
    }
    // Random, so that two callers that hinder each other do not retry in step.
    await sleep(POLL_MS * (0.5 + Math.random()));
  }
}
