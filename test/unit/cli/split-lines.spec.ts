import { describe, expect, it } from '@jest/globals';
import { splitLines } from '../../../src/cli/support/split-lines.js';

async function* chunksOf(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function split(text: string, size: number, maxBytes = 100): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of splitLines(chunksOf(text, size), maxBytes)) lines.push(line.toString());
  return lines;
}

describe.each([1, 2, 3, 7, 1000])('splitLines of chunks of %i bytes', (size) => {
  it.each([
    ['', []],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\nb', ['a', 'b']],
    ['a\r\nb\r\n', ['a', 'b']],
    ['a\rb\r', ['a', 'b']],
    ['\n\na\n\n', ['', '', 'a', '']],
    ['\r\n\r\na', ['', '', 'a']],
    ['a\n\rb', ['a', '', 'b']],
    ['省\n市\u2028区\u0085县', ['省', '市\u2028区\u0085县']],
  ])('reads %j', async (text, lines) => {
    expect(await split(text, size)).toEqual(lines);
  });

  it('cuts a line that is too long after one byte more, and reads the next one whole', async () => {
    expect(await split(`${'a'.repeat(10_000)}\n${'b'.repeat(5)}\n${'c'.repeat(6)}`, size, 5)).toEqual([
      'aaaaaa',
      'bbbbb',
      'cccccc',
    ]);
  });
});
