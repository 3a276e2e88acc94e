import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buildAnew } from '../../../../tools/runtime/build-anew.js';

let root: string;

const write = (name: string, text: string) => {
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(join(root, 'dist', name), text);
};
const failing = () => {
  write('half.js', 'half');
  return Promise.reject(new Error('the compiler ended with 1'));
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'build-anew-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

describe('a build from nothing', () => {
  it('sees no file of the former build, and leaves none', async () => {
    write('former.js', 'former');

    await buildAnew(root, () => {
      expect(existsSync(join(root, 'dist'))).toBe(false);
      write('main.js', 'new');
      return Promise.resolve();
    });

    expect(readdirSync(join(root, 'dist'))).toEqual(['main.js']);
    expect(readdirSync(join(root, '.data'))).toEqual([]);
  });

  it('leaves the former build when it fails, also a second time', async () => {
    write('main.js', 'former');

    for (let attempt = 0; attempt < 2; attempt++)
      await expect(buildAnew(root, failing)).rejects.toThrow('the compiler ended with 1');

    expect(readdirSync(join(root, 'dist'))).toEqual(['main.js']);
    expect(readFileSync(join(root, 'dist/main.js'), 'utf8')).toBe('former');
  });

  it('leaves nothing when it fails and there was nothing', async () => {
    await expect(buildAnew(root, failing)).rejects.toThrow('the compiler ended with 1');

    expect(existsSync(join(root, 'dist'))).toBe(false);
  });
});
