import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CheckFailedError } from '../support/check-steps.js';
import { runProcess } from '../support/processes.js';

const ROOT = join(import.meta.dirname, '../..');
const INSTALL_TIMEOUT_MS = 180_000;

/** Version of Node in the image. */
export const IMAGE_NODE = readFileSync(join(ROOT, '.nvmrc'), 'utf8').trim();

/**
 * Returns the path of a release of Node: this one when it has the version, else that of npm's package `node`, which
 * npm keeps in its cache.
 *
 * @param version whole, such as `24.21.0`, or a line, such as `22`
 * @throws CheckFailedError when npm cannot fetch it
 */
export async function installNode(version: string): Promise<string> {
  if (isOfLine(process.versions.node, version)) return process.execPath;
  const { exit, output } = await runProcess(
    'npm',
    [
      'exec',
      '--yes',
      `--package=node@${version}`,
      '--',
      'node',
      '-p',
      "process.execPath + '\\n' + process.versions.node",
    ],
    { cwd: ROOT, timeoutMs: INSTALL_TIMEOUT_MS },
  );
  const [path = '', found = ''] = output.trim().split('\n').slice(-2);
  if (exit === 0 && isOfLine(found, version)) return path;
  throw new CheckFailedError(
    `Node ${version} cannot be had as npm's package node: run npm exec --package=node@${version} -- node --version\n${output}`,
  );
}

/** Says whether a whole version is, or belongs to, the other one. */
export function isOfLine(version: string, line: string): boolean {
  return version === line || version.startsWith(`${line}.`);
}
