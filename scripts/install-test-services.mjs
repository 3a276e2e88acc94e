/**
 * Makes sure that the programs which the integration and end-to-end suites start themselves are on this machine:
 * `redis-server` and `kcat` (whose librdkafka brings the mock Kafka cluster). Silent when there is nothing to do.
 * A service that the environment already names (TEST_REDIS_URL, KAFKA_BROKERS) needs no program.
 *
 * Exit code 1 when something is missing and cannot be installed from here.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const POLICY_FILE = '/usr/sbin/policy-rc.d';
const APT_TIMEOUT_MS = 300_000;

function onPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    if (directory === '') return false;
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function missingPrograms() {
  const missing = [];
  if (!process.env.TEST_REDIS_URL && !onPath('redis-server')) missing.push('redis-server');
  if (!process.env.KAFKA_BROKERS && !onPath('kcat')) missing.push('kcat');
  return missing;
}

function isDebianFamily() {
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function apt(...args) {
  const result = spawnSync('apt-get', args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', NEEDRESTART_SUSPEND: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: APT_TIMEOUT_MS,
    encoding: 'utf8',
  });
  if (result.error) return `${result.error.message}`;
  return result.status === 0 ? undefined : `${result.stderr}${result.stdout}`.trim().slice(-2_000);
}

/** Runs `action` while a policy forbids packages to start their system services; the suites start their own. */
function withoutServiceStarts(action) {
  // An existing policy (container images bring one) belongs to the machine and stays as it is.
  const ours = !existsSync(POLICY_FILE);
  try {
    if (ours) writeFileSync(POLICY_FILE, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' });
    return action();
  } finally {
    if (ours) rmSync(POLICY_FILE, { force: true });
  }
}

function explain(missing, reason) {
  const lines = [
    `The integration and end-to-end tests need: ${missing.join(', ')} (${reason}).`,
    `  Debian/Ubuntu: sudo apt-get install -y --no-install-recommends ${missing.join(' ')}`,
    `  macOS:         brew install ${missing.map((name) => (name === 'redis-server' ? 'redis' : name)).join(' ')}`,
  ];
  if (missing.includes('redis-server'))
    lines.push('  or set TEST_REDIS_URL=redis://host:port to a server whose data may be deleted');
  if (missing.includes('kcat')) lines.push('  or set KAFKA_BROKERS=host:port,… to a cluster for tests');
  lines.push('The unit tests need none of it: npm run test:unit');
  console.error(lines.join('\n'));
}

function main() {
  const missing = missingPrograms();
  if (missing.length === 0) return 0;
  if (process.getuid?.() !== 0 || !isDebianFamily() || !onPath('apt-get')) {
    explain(missing, 'not found on the PATH');
    return 1;
  }
  console.log(
    `Installing ${missing.join(' and ')} for the tests (apt-get install; no system service is started).`,
  );
  // One broken package source fails the update as a whole, yet the others may have all that is needed.
  const updateFailure = apt('update');
  const installFailure = withoutServiceStarts(() =>
    apt('install', '-y', '--no-install-recommends', ...missing),
  );
  const failure = [updateFailure, installFailure].filter(Boolean).join('\n');
  const stillMissing = missingPrograms();
  if (stillMissing.length === 0) return 0;
  explain(stillMissing, 'apt-get could not install them');
  if (failure) console.error(`apt-get said:\n${failure}`);
  return 1;
}

process.exitCode = main();
