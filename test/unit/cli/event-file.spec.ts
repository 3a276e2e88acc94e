import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventFile } from '../../../src/cli/support/event-file.js';
import { UsageError } from '../../../src/cli/support/usage-error.js';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'event-file-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function write(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

/** Reads a file and returns its lines, and the error that ended the reading. */
async function read(path: string): Promise<{ lines: string[]; error: unknown; percent: number }> {
  const file = await EventFile.find(path);
  const lines: string[] = [];
  let error: unknown = null;
  try {
    for await (const line of file.readLines()) lines.push(line.toString());
  } catch (failure) {
    error = failure;
  }
  return { lines, error, percent: file.percentRead() };
}

const LINES = Array.from({ length: 5_000 }, (_, i) =>
  JSON.stringify({ number: i, text: 'x'.repeat(i % 90) }),
);

describe('EventFile', () => {
  it('yields the lines of a plain file and of a compressed one', async () => {
    const text = LINES.map((line) => `${line}\n`).join('');
    const whole = { lines: LINES, error: null, percent: 100 };
    expect(await read(write('plain.jsonl', text))).toEqual(whole);
    expect(await read(write('compressed.jsonl.gz', gzipSync(text)))).toEqual(whole);
  });

  it('yields nothing for an empty file', async () => {
    expect(await read(write('empty.jsonl', ''))).toEqual({ lines: [], error: null, percent: 100 });
  });

  it('yields the whole lines of a file that is cut short, then fails', async () => {
    const compressed = gzipSync(LINES.join('\n'));
    const path = write('cut.jsonl.gz', compressed.subarray(0, compressed.length / 2));
    const { lines, error } = await read(path);
    expect(lines).toEqual(LINES.slice(0, lines.length));
    expect(lines.length).toBeGreaterThan(0);
    expect(error).toMatchObject({
      code: 'file_broken',
      message: `${path} is broken after line ${lines.length}: unexpected end of file. Import a whole one over what is stored.`,
    });
  });

  it('fails for a file that is not compressed as its name says', async () => {
    const { lines, error } = await read(write('not-compressed.jsonl.gz', LINES.join('\n')));
    expect(lines).toEqual([]);
    expect(error).toMatchObject({
      code: 'file_broken',
      message: expect.stringContaining('incorrect header check'),
    });
  });

  it('reads a compressed file whatever its name, and all its members', async () => {
    const half = LINES.length / 2;
    const members = [LINES.slice(0, half), LINES.slice(half)].map((lines) =>
      gzipSync(`${lines.join('\n')}\n`),
    );
    const { lines, error } = await read(write('members.jsonl', Buffer.concat(members)));
    expect({ lines, error }).toEqual({ lines: LINES, error: null });
  });

  it('fails for bytes after the last member, which a damaged one may be', async () => {
    const [first, second] = [gzipSync('1\n2\n'), gzipSync('3\n4\n')];
    second[0] = 0;
    const { lines, error } = await read(write('damaged.jsonl.gz', Buffer.concat([first, second])));
    expect(lines).toEqual(['1', '2']);
    expect(error).toMatchObject({
      code: 'file_broken',
      message: expect.stringContaining(`its last ${second.length} bytes are not gzip`) as unknown,
    });
  });

  it('fails for more bytes after the last member than one read takes', async () => {
    const rest = Buffer.alloc(1_000_000);
    const { lines, error } = await read(write('rest.jsonl.gz', Buffer.concat([gzipSync('1\n'), rest])));
    expect(lines).toEqual(['1']);
    expect(error).toMatchObject({ message: expect.stringContaining('its last 1000000 bytes') as unknown });
  });

  it('yields bytes as they are, and takes line separators of Unicode for text', async () => {
    const bytes = Buffer.from([0x22, 0xe7, 0x9c, 0x22]);
    const file = await EventFile.find(
      write('bytes.jsonl', Buffer.concat([bytes, Buffer.from('\n"\u2028"\n')])),
    );
    const lines: Buffer[] = [];
    for await (const line of file.readLines()) lines.push(line);
    expect(lines).toEqual([bytes, Buffer.from('"\u2028"')]);
  });

  it('closes the file when the reader stops early', async () => {
    const file = await EventFile.find(write('long.jsonl', LINES.join('\n')));
    const lines = file.readLines();
    expect(await lines.next()).toEqual({ done: false, value: Buffer.from(LINES[0]!) });
    await lines.return();
    expect(await lines.next()).toEqual({ done: true, value: undefined });
    expect(file.percentRead()).toBeLessThanOrEqual(100);
  });

  it.each(['missing.jsonl', '.'])('is not found at %s', async (name) => {
    const path = join(directory, name);
    await expect(EventFile.find(path)).rejects.toThrow(UsageError);
    await expect(EventFile.find(path)).rejects.toThrow(`${path} is no file that can be read`);
  });
});
