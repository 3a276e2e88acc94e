import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CheckFailedError } from './check-steps.js';
import { runProcess, runSuccessfully } from './processes.js';

const DATA = join(import.meta.dirname, '../../.data');
const REQUIREMENTS = join(import.meta.dirname, '../python');
const PYTHONS = ['python3', '/usr/bin/python3', 'python'];
const PROBE = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))';
const PROBE_TIMEOUT_MS = 20_000;
const INSTALL_TIMEOUT_MS = 180_000;

/** A package of PyPI; `tools/python/<name>.txt` pins it and all that it needs, each file by its hash. */
export interface PythonTool {
  readonly name: string;
  /** Program of the package. */
  readonly program: string;
}

/** Ends an installation on a machine whose Python is missing or too old. */
class NoPythonError extends CheckFailedError {}

/**
 * Returns the path of a program, whose package gets an environment of its own at the first call.
 *
 * @throws CheckFailedError without a Python, and when the packages cannot be fetched or differ from the pinned ones
 */
export async function installPythonTool({ name, program }: PythonTool): Promise<string> {
  const requirements = join(REQUIREMENTS, `${name}.txt`);
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const directory = join(DATA, `${name}-${hash.slice(0, 12)}`);
  const path = join(binariesOf(directory), program);
  const isWhole = join(directory, 'installed');
  if (existsSync(isWhole)) return path;
  const python = await findPython(name);
  rmSync(directory, { recursive: true, force: true });
  const options = { timeoutMs: INSTALL_TIMEOUT_MS };
  await runSuccessfully(python, ['-m', 'venv', directory], options);
  const own = join(binariesOf(directory), 'python');
  const quietly = ['--quiet', '--disable-pip-version-check'];
  await runSuccessfully(
    own,
    ['-m', 'pip', 'install', ...quietly, '--require-hashes', '--only-binary=:all:', '-r', requirements],
    options,
  );
  writeFileSync(isWhole, '');
  return path;
}

/**
 * Returns the path as {@link installPythonTool} does, or the reason where there is no Python or no index of packages.
 *
 * @throws CheckFailedError when the packages come and cannot be installed, or differ from the pinned ones
 */
export async function tryPythonTool(tool: PythonTool): Promise<string | { readonly reason: string }> {
  try {
    return await installPythonTool(tool);
  } catch (error) {
    if (error instanceof NoPythonError) return { reason: error.message };
    if (error instanceof CheckFailedError && isUnreachable(error.message))
      return { reason: `${tool.name} could not be installed: the index of Python packages does not answer` };
    throw error;
  }
}

/** Says whether pip failed because the network gave it nothing. */
export function isUnreachable(message: string): boolean {
  return /connection broken by|Failed to establish a new connection|Name or service not known|Read timed out/.test(
    message,
  );
}

function binariesOf(directory: string): string {
  return join(directory, process.platform === 'win32' ? 'Scripts' : 'bin');
}

async function findPython(name: string): Promise<string> {
  for (const python of PYTHONS) {
    const found = await runProcess(python, ['-c', PROBE], { timeoutMs: PROBE_TIMEOUT_MS }).catch(() => null);
    if (found?.exit === 0) return python;
  }
  throw new NoPythonError(
    `${name} needs Python 3.11 or later with the module venv, and none was found on the PATH: ` +
      'install it (Debian/Ubuntu: apt-get install python3-venv) and run this again',
  );
}
