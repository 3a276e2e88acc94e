import { spawnSync } from 'node:child_process';

/** Debian installs the module for the system's Python, which may not be first on the PATH. */
const CANDIDATES = ['python3', '/usr/bin/python3', 'python'];

/** The advice for a machine without the module. */
export const PYTHON_HINT =
  'Install the module confluent_kafka (Debian/Ubuntu: apt-get install python3-confluent-kafka; elsewhere: ' +
  'pip install confluent-kafka; or "node tools/install-test-services.mjs")';

/** Returns the command of a Python with `confluent_kafka` (librdkafka), or null. */
export function findPython(): string | null {
  const works = (command: string): boolean =>
    spawnSync(command, ['-c', 'import confluent_kafka'], { stdio: 'ignore', timeout: 20_000 }).status === 0;
  return CANDIDATES.find(works) ?? null;
}

/** Returns the command of {@link findPython}. @throws with the advice when it is null */
export function requirePython(): string {
  const python = findPython();
  if (python === null) throw new Error(`No Python with confluent_kafka was found. ${PYTHON_HINT}.`);
  return python;
}
