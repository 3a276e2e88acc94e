import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CheckFailedError } from '../support/check-steps.js';
import { runProcess, runSuccessfully } from '../support/processes.js';

const VERSION = '4.32.5';
const DIRECTORY = join(import.meta.dirname, '../../.data', `schemathesis-${VERSION}`);
const PYTHONS = ['python3', '/usr/bin/python3', 'python'];
const PROBE = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
const PROBE_TIMEOUT_MS = 20_000;
const INSTALL_TIMEOUT_MS = 180_000;

/**
 * Returns the path of schemathesis, which is installed in an environment of its own at the first call.
 *
 * @throws CheckFailedError when there is no Python for it, or its packages cannot be fetched
 */
export async function installSchemathesis(): Promise<string> {
  const binaries = join(DIRECTORY, process.platform === 'win32' ? 'Scripts' : 'bin');
  const program = join(binaries, 'schemathesis');
  const isWhole = join(DIRECTORY, 'installed');
  if (existsSync(isWhole)) return program;
  const python = await findPython();
  rmSync(DIRECTORY, { recursive: true, force: true });
  const options = { timeoutMs: INSTALL_TIMEOUT_MS };
  await runSuccessfully(python, ['-m', 'venv', DIRECTORY], options);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `schemathesis==${VERSION}`];
  await runSuccessfully(join(binaries, 'python'), pip, options);
  await runSuccessfully(join(binaries, 'python'), ['-c', `open(${JSON.stringify(isWhole)}, 'w')`], options);
  return program;
}

async function findPython(): Promise<string> {
  for (const python of PYTHONS) {
    const found = await runProcess(python, ['-c', PROBE], { timeoutMs: PROBE_TIMEOUT_MS }).catch(() => null);
    if (found?.exit === 0) return python;
  }
  throw new CheckFailedError(
    'schemathesis needs Python 3.10 or later with the module venv, and none was found on the PATH: ' +
      'install it (Debian/Ubuntu: apt-get install python3-venv) and run npm run check:api again',
  );
}
