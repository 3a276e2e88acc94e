import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BRUNO_DIRECTORY, brunoCollection } from './docs/bruno-collection.js';
import { GENERATED_FILES } from './docs/generated-files.js';
import { renderFile } from './docs/render-file.js';

/** `npm run docs:generate`: writes the documents that are made from the code. */
const root = join(import.meta.dirname, '..');

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
  console.log(path);
}

for (const file of GENERATED_FILES) await write(file.path, await renderFile(file));

// A request of an operation that is gone must not stay.
const collection = await brunoCollection();
await rm(join(root, BRUNO_DIRECTORY), { recursive: true, force: true });
for (const [path, text] of collection) await write(join(BRUNO_DIRECTORY, path), text);
