// Writes the service into dist without type checks, in about a second: enough for a demo of a checkout that is new.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { transform } from '@swc/core';

import { swcOptions } from './swc-options.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !/\.(spec|d)\.ts$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name));

await Promise.all(
  sources.map(async (filename) => {
    const { code } = await transform(readFileSync(filename, 'utf8'), { ...swcOptions, filename, swcrc: false });
    const output = join(root, 'dist', relative(root, filename).replace(/\.ts$/, '.js'));
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, code);
  }),
);
