import { open, readFile, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ClientStorage } from '../ports/client-storage.js';

/** A line of the journal: a text, or the end of one. */
type Line = readonly [key: string, text: string] | readonly [key: string];

const COMPACT_FROM_BYTES = 1024 * 1024;

/** Keeps texts in a journal that only grows, and is written anew when most of it is obsolete. For one process. */
export class FileStorage implements ClientStorage {
  private readonly records = new Map<string, string>();
  private file: FileHandle | null = null;
  private bytes = 0;
  private liveBytes = 0;
  /** Writes follow each other; a failed one does not stop the next. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly path: string) {}

  async load(): Promise<ReadonlyMap<string, string>> {
    for (const line of await this.readJournal()) this.apply(line);
    await this.compact();
    return new Map(this.records);
  }

  async save(key: string, text: string): Promise<void> {
    await this.enqueue([[key, text]]);
  }

  async remove(keys: readonly string[]): Promise<void> {
    await this.enqueue(keys.map((key) => [key]));
  }

  async close(): Promise<void> {
    await this.last.catch(() => undefined);
    await this.file?.close();
    this.file = null;
  }

  private async enqueue(lines: readonly Line[]): Promise<void> {
    const write = this.last.catch(() => undefined).then(() => this.append(lines));
    this.last = write;
    await write;
  }

  private async append(lines: readonly Line[]): Promise<void> {
    // A line that a crash or a full disk cut off must not join the next one: each write begins on a new line.
    const text = `\n${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
    this.file ??= await open(this.path, 'a', 0o600);
    await this.file.appendFile(text);
    await this.file.datasync();
    for (const line of lines) this.apply(line);
    this.bytes += text.length;
    if (this.bytes > COMPACT_FROM_BYTES && this.bytes > 4 * this.liveBytes) await this.compact();
  }

  private apply([key, text]: Line): void {
    this.liveBytes -= this.records.get(key)?.length ?? 0;
    if (text === undefined) this.records.delete(key);
    else {
      this.records.set(key, text);
      this.liveBytes += text.length;
    }
  }

  private async readJournal(): Promise<Line[]> {
    let journal: string;
    try {
      journal = await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    return journal.split('\n').flatMap((line) => readLine(line) ?? []);
  }

  /** Writes a new journal beside the old one and swaps them: a crash leaves one of the two, whole. */
  private async compact(): Promise<void> {
    const draft = `${this.path}.new`;
    const text = [...this.records].map((record) => `${JSON.stringify(record)}\n`).join('');
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await this.file?.close();
    this.file = null;
    await rename(draft, this.path);
    await syncDirectory(dirname(this.path));
    this.bytes = text.length;
  }
}

/** @returns null for a line that was cut off */
function readLine(line: string): [Line] | null {
  try {
    const value: unknown = JSON.parse(line);
    return Array.isArray(value) && value.every((part) => typeof part === 'string') && value.length > 0
      ? [value as unknown as Line]
      : null;
  } catch {
    return null;
  }
}

/** Makes the swap durable; Windows cannot open directories and needs no such call. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
