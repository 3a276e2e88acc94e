import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Finds `package.json` from the source file and from the compiled file below `dist`. */
function readVersion(): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const root = here.split(/[\\/](?:dist[\\/])?src[\\/]config/)[0] ?? here;
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version?: unknown };
  return String(version);
}

/** Names the version that runs. */
export const BUILD = Object.freeze({ version: readVersion(), node: process.version });
