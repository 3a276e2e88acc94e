import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { GENERATED_FILES } from '../../tools/docs/generated-files.js';
import { renderFile } from '../../tools/docs/render-file.js';

const ROOT = join(import.meta.dirname, '../..');

describe('npm run docs:generate', () => {
  it.each(GENERATED_FILES)('leaves $path as it is committed', async (file) => {
    expect(await renderFile(file)).toBe(readFileSync(join(ROOT, file.path), 'utf8'));
  });
});
