import { createHash } from 'node:crypto';
import { loadConfiguration } from '../../src/config/configuration.js';
import { ConfigurationError } from '../../src/config/environment.js';
import { SECRET_VARIABLES } from '../../src/config/variables/catalogue.js';
import { plainEnvironment, type Manifest } from './manifest.js';

/** Finds what ends the service at its start: variables that contradict each other, or that are missing. */
export function startProblems(manifests: readonly Manifest[]): string[] {
  const pod = manifests.find(({ kind }) => kind === 'Deployment')?.spec.template?.spec;
  const container = pod?.containers[0];
  if (container === undefined) return [];
  const secrets = container.env
    .map(({ name }) => name.replace(/_FILE$/, ''))
    .filter((name) => SECRET_VARIABLES.has(name));
  // Files are in the pod alone.
  const texts = Object.entries(plainEnvironment(container)).filter(([name]) => !name.endsWith('_FILE'));
  const raw = {
    ...Object.fromEntries(texts),
    ...Object.fromEntries(secrets.map((name) => [name, sampleOf(name)])),
  };
  try {
    loadConfiguration(raw);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError)
      return error.problems.map((problem) => `the service does not start: ${problem}`);
    throw error;
  }
}

/** Returns a value of the form that a secret must have. */
function sampleOf(name: string): string {
  if (name.startsWith('DATABASE_')) return 'postgresql://service:secret@postgres:5432/analytics';
  return createHash('sha256').update(name).digest('hex');
}
