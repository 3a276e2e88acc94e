import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeDataDirectory, type DataDirectory } from '../../../test/support/postgres/data-directory.js';

const run = promisify(execFile);
const SIZE = '2g';
/** The room that is left on a full disk, because files grow while it is measured. */
const LEFT_BYTES = 65_536;

let couldMount: boolean | undefined;

/** Returns true where this process may mount a file system. */
export function canMount(): boolean {
  couldMount ??= tryMount();
  return couldMount;
}

function tryMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const point = mkdtempSync(join(tmpdir(), 'analytics-test-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', point]).status === 0;
  if (mounted) spawnSync('umount', [point]);
  rmdirSync(point);
  return mounted;
}

/** Makes an empty directory for a server, on a file system of its own. */
export async function makeDirectoryOnSmallDisk(): Promise<DataDirectory> {
  const files = await makeDataDirectory();
  const { uid = 0, gid = 0 } = files.runAs;
  const options = `size=${SIZE},mode=0700,uid=${String(uid)},gid=${String(gid)}`;
  await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', files.data]);
  return files;
}

/** Leaves no room for another page. */
export async function fillDisk({ data }: DataDirectory): Promise<void> {
  const { blocks, bfree, bsize } = await statfs(data);
  await run('mount', ['-o', `remount,size=${String((blocks - bfree) * bsize + LEFT_BYTES)}`, data]);
}

export async function freeDisk({ data }: DataDirectory): Promise<void> {
  await run('mount', ['-o', `remount,size=${SIZE}`, data]);
}

/** Takes the file system from its directory; it is gone once the server has ended. */
export async function unmountDisk({ data }: DataDirectory): Promise<void> {
  await run('umount', ['--lazy', data]);
}
