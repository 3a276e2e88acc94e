import type { CommandDefinition } from '../../src/cli/support/command-definition.js';

export interface CheckRuntimeOptions {
  /** True leaves out the build and the unit tests. */
  readonly smokeOnly: boolean;
}

export const CHECK_RUNTIME: CommandDefinition<CheckRuntimeOptions> = {
  name: 'check:runtime',
  summary:
    'Builds the service, runs the unit tests and uses the service on the Node of the image; uses it on the other supported Nodes.',
  options: { 'smoke-only': { help: 'leaves out the build and the unit tests; `npm run build` comes first' } },
  examples: ['', '--smoke-only'],
  notes: [
    'npm fetches each Node as its package `node`. Exit code: 0 all steps passed, 1 one failed, 2 wrong arguments.',
  ],
  read: (given) => ({ smokeOnly: given.flag('smoke-only') }),
};
