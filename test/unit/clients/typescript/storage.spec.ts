import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientStorage } from '../../../../clients/typescript/src/ports/client-storage.js';
import { FileStorage } from '../../../../clients/typescript/src/node/file-storage.js';
import {
  fromWebStorage,
  KeyValueStorage,
  type WebStorage,
} from '../../../../clients/typescript/src/storage/key-value-storage.js';
import { MemoryStorage } from '../../../../clients/typescript/src/storage/memory-storage.js';

/** The part of `localStorage` that the client uses, with a limit on its size. */
class FakeWebStorage implements WebStorage {
  private readonly items = new Map<string, string>();
  constructor(private readonly maxItems = Infinity) {}
  get length(): number {
    return this.items.size;
  }
  key(index: number): string | null {
    return [...this.items.keys()][index] ?? null;
  }
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    if (this.items.size >= this.maxItems) throw new Error('QuotaExceededError');
    this.items.set(key, value);
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
}

let directory: string;
let files = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'client-storage-'));
});
afterAll(() => rm(directory, { recursive: true }));

function newFile(): string {
  files += 1;
  return join(directory, `${files}.jsonl`);
}

/** Returns a function that opens the same storage again, as after a restart. */
type OpenAgain = () => ClientStorage;
const KINDS: readonly (readonly [string, () => OpenAgain])[] = [
  [
    'in memory',
    () => {
      const records = new Map<string, string>();
      return () => new MemoryStorage(records);
    },
  ],
  [
    'of Web Storage',
    () => {
      const web = new FakeWebStorage();
      web.setItem('theme', 'dark');
      return () => new KeyValueStorage(fromWebStorage(web));
    },
  ],
  [
    'of a file',
    () => {
      const file = newFile();
      return () => new FileStorage(file);
    },
  ],
];

describe.each(KINDS)('a storage %s', (_, makeOpener) => {
  it('finds after a restart what was saved and not removed', async () => {
    const open = makeOpener();
    const storage = open();
    expect(await storage.load()).toEqual(new Map());
    await Promise.all([
      storage.save('event/1', 'one "line"\nand 深圳 😀'),
      storage.save('event/2', 'two'),
      storage.save('install', 'first'),
    ]);
    await storage.save('install', 'second');
    await storage.remove(['event/2', 'event/9']);

    const expected = new Map([
      ['event/1', 'one "line"\nand 深圳 😀'],
      ['install', 'second'],
    ]);
    expect(await open().load()).toEqual(expected);
    expect(await open().load()).toEqual(expected);
  });
});

describe('a storage of Web Storage', () => {
  it('rejects when there is no room', async () => {
    const storage = new KeyValueStorage(fromWebStorage(new FakeWebStorage(1)));
    await storage.save('event/1', 'one');

    await expect(storage.save('event/2', 'two')).rejects.toThrow('QuotaExceededError');
  });
});

describe('a storage of a file', () => {
  it.each([1, 5, 12])(
    'drops a last line that a crash cut off after %i characters, and no other',
    async (characters) => {
      const file = newFile();
      const before = new FileStorage(file);
      await before.load();
      await before.save('event/1', 'one');
      await before.save('event/2', 'two');
      await appendFile(file, '\n["event/3","three"]'.slice(0, characters));

      const after = new FileStorage(file);
      expect([...(await after.load()).keys()]).toEqual(['event/1', 'event/2']);
      await after.save('event/4', 'four');
      expect([...(await new FileStorage(file).load()).keys()]).toEqual(['event/1', 'event/2', 'event/4']);
    },
  );

  it('keeps a text that follows a line that could not be written whole', async () => {
    const file = newFile();
    const storage = new FileStorage(file);
    await storage.load();
    await storage.save('event/1', 'one');
    await appendFile(file, '["event/2","tw');
    await storage.save('event/3', 'three');

    expect([...(await new FileStorage(file).load()).keys()]).toEqual(['event/1', 'event/3']);
  });

  it('does not read the draft of a journal that a crash interrupted', async () => {
    const file = newFile();
    const storage = new FileStorage(file);
    await storage.load();
    await storage.save('event/1', 'one');
    await writeFile(`${file}.new`, '["event/9","half a jour');

    expect([...(await new FileStorage(file).load()).keys()]).toEqual(['event/1']);
  });

  it('writes the journal anew when most of it is obsolete', async () => {
    const file = newFile();
    const storage = new FileStorage(file);
    await storage.load();
    await storage.save('install', 'kept');
    const text = 'x'.repeat(300_000);
    for (let number = 0; number < 5; number += 1) {
      await storage.save(`event/${number}`, text);
      await storage.remove([`event/${number}`]);
    }

    expect((await readFile(file)).length).toBeLessThan(700_000);
    expect(await new FileStorage(file).load()).toEqual(new Map([['install', 'kept']]));
  });
});
