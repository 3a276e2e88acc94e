// Installs the programs that the integration, end-to-end and browser suites use. Prints nothing when all are installed.
// Exits with 1 when a program is missing and cannot be installed.
import './typescript/register-ts.mjs';

import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const { findPython } = await import('../test/support/python.ts');
const { findChromium } = await import('../test/support/page/find-chromium.ts');
const { aptGet, installPackages } = await import('./support/apt-packages.ts');
const { canInstallJars } = await import('../test/support/maven-jars.ts');
const { APACHE_KAFKA } = await import('../test/support/kafka/apache/jars.ts');
const { JAVA_EXAMPLE } = await import('../test/support/java-example.ts');

/** `apt` and `brew` are package names; `otherwise` describes an alternative to them. */
const PROGRAMS = [
  {
    name: 'redis-server',
    apt: 'redis-server',
    brew: 'redis',
    isInstalled: () => Boolean(process.env.TEST_REDIS_URL) || isOnPath('redis-server'),
    otherwise: 'or set TEST_REDIS_URL=redis://host:port to a server whose data may be deleted',
  },
  // Its librdkafka contains the mock Kafka cluster of the suites.
  { name: 'kcat', apt: 'kcat', brew: 'kcat', isInstalled: () => isOnPath('kcat') },
  {
    name: 'pgbouncer',
    apt: 'pgbouncer',
    brew: 'pgbouncer',
    // Debian puts it where the PATH of a user does not lead.
    isInstalled: () => isOnPath('pgbouncer') || existsSync('/usr/sbin/pgbouncer'),
  },
  // Plays the cases of the alert rules; Debian ships it with the server.
  { name: 'promtool', apt: 'prometheus', brew: 'prometheus', isInstalled: () => isOnPath('promtool') },
  {
    name: 'Chromium',
    apt: 'chromium',
    brew: 'chromium',
    isInstalled: () => findChromium(process.env) !== null,
    otherwise: 'or set TEST_CHROMIUM to the path of a Chromium or Chrome',
  },
  { name: 'openssl', apt: 'openssl', brew: 'openssl', isInstalled: () => isOnPath('openssl') },
  {
    name: 'a Python with confluent_kafka',
    apt: 'python3-confluent-kafka',
    isInstalled: () => findPython() !== null,
    otherwise: 'Python elsewhere: pip install confluent-kafka, for the first python3 on the PATH',
  },
];

function isOnPath(program) {
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

function findMissingPrograms() {
  return PROGRAMS.filter(({ isInstalled }) => !isInstalled());
}

function isDebianFamily() {
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function explainInstallation(missing, reason) {
  const brew = missing.flatMap((one) => one.brew ?? []);
  console.error(
    [
      `The integration, end-to-end and browser tests need: ${missing.map(({ name }) => name).join(', ')} (${reason}).`,
      `  Debian/Ubuntu: sudo apt-get install -y --no-install-recommends ${missing.map((one) => one.apt).join(' ')}`,
      ...(brew.length > 0 ? [`  macOS:         brew install ${brew.join(' ')}`] : []),
      ...missing.flatMap(({ otherwise }) => (otherwise ? [`  ${otherwise}`] : [])),
      'The unit tests run without them: npm run test:unit',
    ].join('\n'),
  );
}

function main() {
  const missing = findMissingPrograms();
  if (missing.length === 0) return 0;
  if (process.getuid?.() !== 0 || !isDebianFamily() || !isOnPath('apt-get')) {
    explainInstallation(missing, 'not found');
    return 1;
  }
  const packages = missing.map((one) => one.apt);
  console.log(
    `Installing ${packages.join(' and ')} for the tests (apt-get install, without starting system services).`,
  );
  const failure = installPackages(packages, aptGet(process.env));
  const stillMissing = findMissingPrograms();
  if (stillMissing.length === 0) return 0;
  explainInstallation(stillMissing, 'apt-get could not install them');
  if (failure !== '') console.error(`apt-get printed:\n${failure}`);
  return 1;
}

/** Fetches the jars of the suites where Java and Maven are; elsewhere Kafka is the mock cluster of kcat. */
function installJars() {
  const missing = [APACHE_KAFKA, JAVA_EXAMPLE].filter((jars) => jars.directory() === null);
  if (missing.length === 0 || !canInstallJars()) return 0;
  console.log(`Fetching ${missing.map(({ name }) => name).join(' and ')} for the tests with Maven.`);
  try {
    missing.forEach((jars) => jars.install());
    return 0;
  } catch (error) {
    console.error(error.message);
    return 1;
  }
}

process.exitCode = main() || installJars();
