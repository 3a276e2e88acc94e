import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BRUNO_DIRECTORY, ENDLESS_TAG } from '../docs/bruno-collection.js';
import { CheckFailedError } from '../support/check-steps.js';
import { runProcess, runSuccessfully } from '../support/processes.js';

const VERSION = '4.1.0';
const ROOT = join(import.meta.dirname, '../..');
const DIRECTORY = join(ROOT, '.data', `bruno-${VERSION}`);
const PROGRAM = join(DIRECTORY, 'node_modules/@usebruno/cli/bin/bru.js');
const INSTALL_TIMEOUT_MS = 180_000;
const RUN_TIMEOUT_MS = 60_000;

/**
 * Returns the path of Bruno's runner, which is installed apart from the packages of this project at the first call.
 *
 * @throws CheckFailedError when its packages cannot be fetched
 */
export async function installBruno(): Promise<string> {
  const isWhole = join(DIRECTORY, 'installed');
  if (existsSync(isWhole)) return PROGRAM;
  rmSync(DIRECTORY, { recursive: true, force: true });
  mkdirSync(DIRECTORY, { recursive: true });
  writeFileSync(join(DIRECTORY, 'package.json'), '{ "private": true }');
  const quietly = ['--no-audit', '--no-fund', '--ignore-scripts', '--omit=optional', '--loglevel=error'];
  await runSuccessfully('npm', ['install', ...quietly, `@usebruno/cli@${VERSION}`], {
    cwd: DIRECTORY,
    timeoutMs: INSTALL_TIMEOUT_MS,
  });
  writeFileSync(isWhole, '');
  return PROGRAM;
}

/** Runs every request whose answer ends. @throws CheckFailedError with the report when one fails */
export async function runCollection(
  program: string,
  url: string,
  token: string,
  internalKey: string,
): Promise<void> {
  const variables = { baseUrl: url, token, internalKey };
  const { exit, output } = await runProcess(
    process.execPath,
    [
      ...[program, 'run', '-r', '--env', 'local', '--exclude-tags', ENDLESS_TAG],
      ...Object.entries(variables).flatMap(([name, value]) => ['--env-var', `${name}=${value}`]),
    ],
    { cwd: join(ROOT, BRUNO_DIRECTORY), timeoutMs: RUN_TIMEOUT_MS },
  );
  if (exit !== 0) throw new CheckFailedError(output);
}
