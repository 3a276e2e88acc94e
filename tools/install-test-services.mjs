/**
 * Makes sure that the programs which the integration and end-to-end suites use are on this machine: `redis-server`,
 * `kcat` (whose librdkafka brings the mock Kafka cluster, and which reads topics as a client in C does), `openssl` for
 * certificates, and a Python with `confluent_kafka` for the example of a subscriber. Silent when there is nothing to do.
 * A Redis that the environment names (TEST_REDIS_URL) needs no program.
 *
 * Exit code 1 when something is missing and cannot be installed from here.
 */
import './typescript/register-ts.mjs';

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const { findPython } = await import('../test/support/python.ts');

const POLICY_FILE = '/usr/sbin/policy-rc.d';
const APT_TIMEOUT_MS = 300_000;

/** `name` is said to people, `apt` and `brew` are packages; what has no `brew` says how else it comes. */
const NEEDED = [
  {
    name: 'redis-server',
    apt: 'redis-server',
    brew: 'redis',
    isThere: () => Boolean(process.env.TEST_REDIS_URL) || onPath('redis-server'),
    otherwise: 'or set TEST_REDIS_URL=redis://host:port to a server whose data may be deleted',
  },
  { name: 'kcat', apt: 'kcat', brew: 'kcat', isThere: () => onPath('kcat') },
  { name: 'openssl', apt: 'openssl', brew: 'openssl', isThere: () => onPath('openssl') },
  {
    name: 'a Python with confluent_kafka',
    apt: 'python3-confluent-kafka',
    isThere: () => findPython() !== null,
    otherwise: 'Python elsewhere: pip install confluent-kafka, for the python3 that comes first on the PATH',
  },
];

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

function whatIsMissing() {
  return NEEDED.filter(({ isThere }) => !isThere());
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
  const brew = missing.flatMap((one) => one.brew ?? []);
  console.error(
    [
      `The integration and end-to-end tests need: ${missing.map(({ name }) => name).join(', ')} (${reason}).`,
      `  Debian/Ubuntu: sudo apt-get install -y --no-install-recommends ${missing.map((one) => one.apt).join(' ')}`,
      ...(brew.length > 0 ? [`  macOS:         brew install ${brew.join(' ')}`] : []),
      ...missing.flatMap(({ otherwise }) => (otherwise ? [`  ${otherwise}`] : [])),
      'The unit tests need none of it: npm run test:unit',
    ].join('\n'),
  );
}

function main() {
  const missing = whatIsMissing();
  if (missing.length === 0) return 0;
  if (process.getuid?.() !== 0 || !isDebianFamily() || !onPath('apt-get')) {
    explain(missing, 'not found');
    return 1;
  }
  const packages = missing.map((one) => one.apt);
  console.log(
    `Installing ${packages.join(' and ')} for the tests (apt-get install; no system service is started).`,
  );
  // One broken package source fails the update as a whole, yet the others may have all that is needed.
  const updateFailure = apt('update');
  const installFailure = withoutServiceStarts(() =>
    apt('install', '-y', '--no-install-recommends', ...packages),
  );
  const failure = [updateFailure, installFailure].filter(Boolean).join('\n');
  const stillMissing = whatIsMissing();
  if (stillMissing.length === 0) return 0;
  explain(stillMissing, 'apt-get could not install them');
  if (failure) console.error(`apt-get said:\n${failure}`);
  return 1;
}

process.exitCode = main();
