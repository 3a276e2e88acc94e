import { describe, expect, it } from '@jest/globals';

import { RedisCommandReader } from '../../support/redis-commands.js';

const encode = (words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

const COMMANDS = [
  ['PING'],
  ['SET', 'a:key', 'a value of\r\ntwo lines, 二行'],
  ['EVALSHA', 'digest', '0', ''],
];
const BYTES = Buffer.from(COMMANDS.map(encode).join(''));

describe('the reader of Redis commands', () => {
  it.each([1, 2, 3, 7, 16, BYTES.length])('finds each command in pieces of %d bytes', (size) => {
    const found: (readonly string[])[] = [];
    const reader = new RedisCommandReader((words) => found.push(words));
    for (let at = 0; at < BYTES.length; at += size) reader.read(BYTES.subarray(at, at + size));
    expect(found).toEqual(COMMANDS);
  });

  it('refuses bytes that are no command', () => {
    const reader = new RedisCommandReader(() => undefined);
    expect(() => reader.read(Buffer.from('+OK\r\n'))).toThrow('This is no command of Redis: "+OK"');
  });
});
