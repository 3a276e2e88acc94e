import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { readStartMark } from './process-table.js';
import { hasCode, ignore } from './system-error.js';

export interface RegisteredProcess {
  readonly entry: string;
  readonly pid: number;
  readonly label: string;
}

/**
 * Registers living processes by one empty file each, named `pid-startMark-nonce-label`.
 * Creating an empty file is atomic, so no reader sees an incomplete entry.
 */
export class ProcessRegister {
  constructor(private readonly directory: string) {}

  /** Adds this process, once more at each call. Returns the entry's name. */
  async add(label = ''): Promise<string> {
    const mark = await readStartMark(process.pid);
    const entry = `${process.pid}-${mark ?? ''}-${randomBytes(6).toString('hex')}-${label}`;
    for (;;) {
      await mkdir(this.directory).catch(ignore('EEXIST'));
      try {
        await writeFile(join(this.directory, entry), '');
        return entry;
      } catch (error) {
        // Another process has just removed the directory with its own entry.
        if (!hasCode(error, 'ENOENT')) throw error;
      }
    }
  }

  /** Removes an entry, and the directory when it is the last one. */
  async remove(entry: string): Promise<void> {
    await rm(join(this.directory, entry), { force: true });
    await rmdir(this.directory).catch(() => undefined);
  }

  /** Lists the living processes and removes the entries of dead ones. */
  async list(): Promise<RegisteredProcess[]> {
    const living: RegisteredProcess[] = [];
    for (const entry of (await readdir(this.directory).catch(ignore('ENOENT'))) ?? []) {
      const [id, mark, , label = ''] = entry.split('-');
      const pid = Number(id);
      if (mark !== undefined && mark === (await readStartMark(pid))) living.push({ entry, pid, label });
      else await this.remove(entry);
    }
    return living;
  }
}
