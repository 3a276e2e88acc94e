import type { CommandDefinition } from '../../src/cli/support/command-definition.js';

export interface SbomOptions {
  readonly output: string | null;
}

export const SBOM: CommandDefinition<SbomOptions> = {
  name: 'sbom',
  summary: 'Makes the list of the packages in the image (CycloneDX) from package-lock.json, and checks it.',
  options: { output: { value: 'FILE', help: 'writes the list; without it the list is only checked' } },
  examples: ['', '--output=sbom.json'],
  notes: ['It asks no registry. Exit code: 0 the list is complete, 1 it is not, 2 wrong arguments.'],
  read: (given) => ({ output: given.text('output') ?? null }),
};
