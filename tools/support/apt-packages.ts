import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

/** Debian's policy for the services of packages that are being installed (invoke-rc.d(8)). */
export const POLICY_FILE = '/usr/sbin/policy-rc.d';
const FORBID_ALL = '#!/bin/sh\nexit 101\n';
const APT_TIMEOUT_MS = 300_000;
const MAX_OUTPUT = 2_000;

/** Runs apt-get. @returns its error output, or '' when it succeeds */
export type AptGet = (...args: readonly string[]) => string;

export function aptGet(environment: NodeJS.ProcessEnv): AptGet {
  return (...args) => {
    const result = spawnSync('apt-get', args, {
      env: { ...environment, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', NEEDRESTART_SUSPEND: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: APT_TIMEOUT_MS,
      encoding: 'utf8',
    });
    if (result.error !== undefined) return result.error.message;
    if (result.status === 0) return '';
    const output = `${result.stderr}${result.stdout}`.trim().slice(-MAX_OUTPUT);
    return output === '' ? `apt-get ${args.join(' ')} ended with ${String(result.status)}` : output;
  };
}

/**
 * Installs what it can, without starting system services.
 *
 * @returns what apt-get wrote about failures, '' for none
 */
export function installPackages(
  packages: readonly string[],
  run: AptGet,
  policyFile: string = POLICY_FILE,
): string {
  // The update fails for one broken package source, although the others may have the packages.
  const updateFailure = run('update');
  const failure = withoutServiceStarts(policyFile, () => installAllOrEach(packages, run));
  return [updateFailure, failure].filter((text) => text !== '').join('\n');
}

function installAllOrEach(packages: readonly string[], run: AptGet): string {
  const install = (...names: readonly string[]): string =>
    run('install', '-y', '--no-install-recommends', ...names);
  const failure = install(...packages);
  if (failure === '' || packages.length === 1) return failure;
  // A package that this distribution does not have fails the others with it.
  return packages
    .map((name) => install(name))
    .filter((text) => text !== '')
    .join('\n');
}

function withoutServiceStarts<T>(policyFile: string, action: () => T): T {
  // An existing policy belongs to the machine and stays unchanged.
  const addsPolicy = !existsSync(policyFile);
  try {
    if (addsPolicy) writeFileSync(policyFile, FORBID_ALL, { mode: 0o755, flag: 'wx' });
    return action();
  } finally {
    if (addsPolicy) rmSync(policyFile, { force: true });
  }
}
