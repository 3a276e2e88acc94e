import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findPage } from '../../../../../src/api/http/dashboard/page-files.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'page-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function write(...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), '');
  }
}

describe('findPage', () => {
  it('returns null where nothing was built, and for files without a document', () => {
    expect(findPage(join(directory, 'nothing'))).toBeNull();
    write('assets/index-AbCd1234.js');
    expect(findPage(directory)).toBeNull();
  });

  it('lists every file but hidden ones', () => {
    write(
      'index.html',
      'favicon.svg',
      'assets/index-AbCd1234.js',
      '.env',
      'assets/.map',
      '.vite/manifest.json',
    );
    expect(
      findPage(directory)
        ?.map(({ name }) => name)
        .sort(),
    ).toEqual(['assets/index-AbCd1234.js', 'favicon.svg', 'index.html']);
  });

  it('calls those immutable whose names change with their content', () => {
    write(
      'index.html',
      'favicon.svg',
      'assets/index-AbCd1234.js',
      'assets/a-b-_x9-Y_2q.css',
      'assets/plain.js',
    );
    expect(
      findPage(directory)
        ?.flatMap(({ name, isImmutable }) => (isImmutable ? [name] : []))
        .sort(),
    ).toEqual(['assets/a-b-_x9-Y_2q.css', 'assets/index-AbCd1234.js']);
  });
});
