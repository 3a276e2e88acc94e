// Builds the page of web/ into dist/web, unless its sources and packages are unchanged since the last build.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const output = join(root, 'dist/web');
const stampFile = join(root, 'dist/.web-sha256');
/** Limits what a browser loads before it shows the page. */
const MAX_GZIP_BYTES = 100 * 1024;

function filesUnder(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function stampOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\n`).update(readFileSync(file));
  return hash.digest('hex');
}

const stamp = stampOf([
  ...filesUnder(join(root, 'web')),
  join(root, 'package-lock.json'),
  fileURLToPath(import.meta.url),
]);
const isFresh =
  existsSync(join(output, 'index.html')) &&
  existsSync(stampFile) &&
  readFileSync(stampFile, 'utf8') === stamp;

if (!isFresh) {
  const { build } = await import('vite');
  await build({ configFile: join(root, 'web/vite.config.ts'), logLevel: 'warn' });
  const bytes = filesUnder(output)
    .filter((file) => ['.html', '.js', '.css', '.svg'].includes(extname(file)))
    .reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0);
  if (bytes > MAX_GZIP_BYTES) {
    console.error(
      `The page must load at most ${MAX_GZIP_BYTES} bytes (gzip), and it loads ${bytes}: load a part of it later.`,
    );
    process.exit(1);
  }
  writeFileSync(stampFile, stamp);
}
