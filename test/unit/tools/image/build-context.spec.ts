import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BuildContext } from '../../../../tools/image/build-context.js';

const FILES = ['src/app.ts', 'src/app.spec.ts', 'src/deep/log.txt', 'src/generated/client.ts', 'README.md'];

describe('BuildContext', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'build-context-'));
    for (const file of FILES) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), '');
    }
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function admitted(dockerignore: string, path = '.'): string[] {
    writeFileSync(join(root, '.dockerignore'), dockerignore);
    return new BuildContext(root)
      .filesAt(path)
      .filter((file) => file !== '.dockerignore')
      .sort();
  }

  it('lets the last matching rule decide', () => {
    expect(admitted('*\n!src\n\n# Generated in the image.\nsrc/generated\n**/*.spec.ts\n')).toEqual([
      'src/app.ts',
      'src/deep/log.txt',
    ]);
  });

  it('matches * within one directory and ** across directories', () => {
    expect(admitted('src/*.ts\nREADME.md\n')).toEqual(['src/deep/log.txt', 'src/generated/client.ts']);
    expect(admitted('**/*.ts\nREADME.m?\n')).toEqual(['src/deep/log.txt']);
  });

  it('returns no files for a path that is missing or excluded', () => {
    expect(admitted('README.md\n', 'README.md')).toEqual([]);
    expect(admitted('', 'missing')).toEqual([]);
  });
});
