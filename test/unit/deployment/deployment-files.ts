import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VARIABLES } from '../../../src/config/variables/catalogue.js';
import { BuildContext } from '../../../tools/image/build-context.js';
import { readImagePlan } from '../../../tools/image/image-plan.js';

export const ROOT = join(import.meta.dirname, '../../..');

export function readProjectFile(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export const DOCKERFILE = readProjectFile('Dockerfile');
export const COMPOSE = readProjectFile('docker-compose.yml');
export const IMAGE_PLAN = readImagePlan(DOCKERFILE);
export const BUILD_CONTEXT = new BuildContext(ROOT);

/** The names of the environment variables that the service reads, sorted. */
export const SERVICE_VARIABLES = Object.keys(VARIABLES).sort();

export interface ComposeVariable {
  readonly name: string;
  /** `:?` for a required variable, `:-` for one with a default, otherwise empty. */
  readonly kind: string;
}

/** The variables that docker-compose.yml interpolates, one for each place. */
export const COMPOSE_VARIABLES: readonly ComposeVariable[] = [...COMPOSE.matchAll(/\$\{(\w+)(:[-?])?/g)].map(
  ([, name = '', kind = '']) => ({ name, kind }),
);
