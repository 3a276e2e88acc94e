import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { hasCode, isAlive, processStartMark, sleep } from './processes.js';

const POLL_MS = 50;

/**
 * Runs `action` while no other process (nor another caller in this one) does so under the same path.
 *
 * The lock is a directory that holds one file named after its owner. It appears with its file by one rename, and a
 * dead owner's is taken over by unlinking exactly that owner's file: of two that find the same dead owner only one
 * can succeed, and neither can remove a lock taken in between.
 *
 * @throws EmbeddedPostgresError `timeout` when the lock is not free before `deadline` (milliseconds since epoch).
 */
export async function withDirectoryLock<T>(
  path: string,
  deadline: number,
  action: () => Promise<T>,
): Promise<T> {
  const ownerFile = await takeLock(path, deadline);
  try {
    await removeAbandoned(path);
    return await action();
  } finally {
    await unlink(join(path, ownerFile)).catch(ignoreMissing);
    await removeIfEmpty(path);
  }
}

async function takeLock(path: string, deadline: number): Promise<string> {
  const nonce = randomBytes(8).toString('hex');
  const ownerFile = `${process.pid}-${nonce}`;
  const prepared = `${path}.${ownerFile}`;
  await mkdir(prepared);
  try {
    await writeFile(join(prepared, ownerFile), (await processStartMark(process.pid)) ?? '');
    for (;;) {
      await removeIfEmpty(path);
      try {
        await rename(prepared, path);
        return ownerFile;
      } catch (error) {
        if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'EPERM', 'EBUSY')) throw error;
      }
      const owner = await evictDeadOwners(path);
      if (owner === undefined) continue;
      if (Date.now() > deadline) {
        throw new EmbeddedPostgresError(
          'timeout',
          `The embedded database is being started or stopped by process ${owner}, which has not finished in time. ` +
            `If that process is stuck, end it and try again (lock: ${path}).`,
        );
      }
      await sleep(POLL_MS);
    }
  } catch (error) {
    await rm(prepared, { recursive: true, force: true });
    throw error;
  }
}

/** Removes the marks of dead owners. Returns the id of a living one, undefined when there is none. */
async function evictDeadOwners(path: string): Promise<number | undefined> {
  let owner: number | undefined;
  for (const name of await readdir(path).catch(() => [])) {
    const pid = Number(name.split('-', 1)[0]);
    const recorded = await readFile(join(path, name), 'utf8').catch(() => undefined);
    if (recorded === undefined) continue;
    if (Number.isSafeInteger(pid) && pid > 0 && (await processStartMark(pid)) === recorded) owner = pid;
    else await unlink(join(path, name)).catch(ignoreMissing);
  }
  return owner;
}

/** Removes what processes killed while they waited for the lock have prepared. */
async function removeAbandoned(path: string): Promise<void> {
  const prefix = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(name.slice(prefix.length).split('-', 1)[0]);
    if (pid > 0 && !(await isAlive(pid))) {
      await rm(join(dirname(path), name), { recursive: true, force: true });
    }
  }
}

async function removeIfEmpty(path: string): Promise<void> {
  await rmdir(path).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST', 'EPERM', 'EBUSY')) throw error;
  });
}

function ignoreMissing(error: unknown): void {
  if (!hasCode(error, 'ENOENT')) throw error;
}
