import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CheckFailedError } from './check-steps.js';
import { runProcess, runSuccessfully } from './processes.js';

const DATA = join(import.meta.dirname, '../../.data');
const PYTHONS = ['python3', '/usr/bin/python3', 'python'];
const PROBE = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
const PROBE_TIMEOUT_MS = 20_000;
const INSTALL_TIMEOUT_MS = 180_000;

export interface PythonTool {
  /** Package of PyPI. */
  readonly name: string;
  readonly version: string;
  /** Program of the package. */
  readonly program: string;
}

/**
 * Returns the directory of a package's environment, which is made at the first call.
 *
 * @throws CheckFailedError when there is no Python for it, or its packages cannot be fetched
 */
export async function installPythonPackage({ name, version }: Omit<PythonTool, 'program'>): Promise<string> {
  const directory = join(DATA, `${name}-${version}`);
  const isWhole = join(directory, 'installed');
  if (existsSync(isWhole)) return directory;
  const python = await findPython(name);
  rmSync(directory, { recursive: true, force: true });
  const options = { timeoutMs: INSTALL_TIMEOUT_MS };
  await runSuccessfully(python, ['-m', 'venv', directory], options);
  const own = join(binariesOf(directory), 'python');
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `${name}==${version}`];
  await runSuccessfully(own, pip, options);
  await runSuccessfully(own, ['-c', `open(${JSON.stringify(isWhole)}, 'w')`], options);
  return directory;
}

/** Returns the path of a program that {@link installPythonPackage} installs. */
export async function installPythonTool(tool: PythonTool): Promise<string> {
  return join(binariesOf(await installPythonPackage(tool)), tool.program);
}

function binariesOf(directory: string): string {
  return join(directory, process.platform === 'win32' ? 'Scripts' : 'bin');
}

async function findPython(name: string): Promise<string> {
  for (const python of PYTHONS) {
    const found = await runProcess(python, ['-c', PROBE], { timeoutMs: PROBE_TIMEOUT_MS }).catch(() => null);
    if (found?.exit === 0) return python;
  }
  throw new CheckFailedError(
    `${name} needs Python 3.10 or later with the module venv, and none was found on the PATH: ` +
      'install it (Debian/Ubuntu: apt-get install python3-venv) and run this again',
  );
}
