import { spawnSync } from 'node:child_process';

/** On Debian the module belongs to the system's Python, while another one may come first on the PATH. */
const CANDIDATES = ['python3', '/usr/bin/python3', 'python'];

/** What to say when there is none. */
export const PYTHON_HINT =
  'Install the module confluent_kafka (Debian/Ubuntu: apt-get install python3-confluent-kafka; elsewhere: ' +
  'pip install confluent-kafka; or "node tools/install-test-services.mjs")';

/** The command of a Python that has `confluent_kafka`, which is librdkafka. Null: there is none. */
export function findPython(): string | null {
  const works = (command: string): boolean =>
    spawnSync(command, ['-c', 'import confluent_kafka'], { stdio: 'ignore', timeout: 20_000 }).status === 0;
  return CANDIDATES.find(works) ?? null;
}

/** @throws when there is none, with what to install */
export function requirePython(): string {
  const python = findPython();
  if (python === null) throw new Error(`No Python with confluent_kafka was found. ${PYTHON_HINT}.`);
  return python;
}
