import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BRUNO_DIRECTORY, ENDLESS_TAG } from '../docs/bruno-collection.js';
import { CheckFailedError } from '../support/check-steps.js';
import { runProcess, runSuccessfully } from '../support/processes.js';

const ROOT = join(import.meta.dirname, '../..');
/** Pins the runner and all that it needs, each package by its checksum. */
const PINS = join(import.meta.dirname, 'bruno');
const FILES = ['package.json', 'package-lock.json'];
const INSTALL_TIMEOUT_MS = 180_000;
const RUN_TIMEOUT_MS = 60_000;

/**
 * Returns the path of Bruno's runner, which is installed apart from the packages of this project at the first call.
 *
 * @throws CheckFailedError when its packages cannot be fetched, or differ from the pinned ones
 */
export async function installBruno(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of FILES) hash.update(readFileSync(join(PINS, file)));
  const directory = join(ROOT, '.data', `bruno-${hash.digest('hex').slice(0, 12)}`);
  const program = join(directory, 'node_modules/@usebruno/cli/bin/bru.js');
  const isWhole = join(directory, 'installed');
  if (existsSync(isWhole)) return program;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const file of FILES) copyFileSync(join(PINS, file), join(directory, file));
  const quietly = ['--no-audit', '--no-fund', '--ignore-scripts', '--omit=optional', '--loglevel=error'];
  await runSuccessfully('npm', ['ci', ...quietly], { cwd: directory, timeoutMs: INSTALL_TIMEOUT_MS });
  writeFileSync(isWhole, '');
  return program;
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
      // Bruno's own sandbox loads while the first request runs, which may end before; the collection is ours.
      ...['--sandbox', 'developer'],
      ...Object.entries(variables).flatMap(([name, value]) => ['--env-var', `${name}=${value}`]),
    ],
    { cwd: join(ROOT, BRUNO_DIRECTORY), timeoutMs: RUN_TIMEOUT_MS },
  );
  if (exit !== 0) throw new CheckFailedError(output);
}
