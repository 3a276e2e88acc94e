import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GENERATED_FILES } from './docs/generated-files.js';
import { renderFile } from './docs/render-file.js';

/** `npm run docs:generate`: writes the documents that are made from the code. */
const root = join(import.meta.dirname, '..');

for (const file of GENERATED_FILES) {
  const path = join(root, file.path);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await renderFile(file));
  console.log(file.path);
}
