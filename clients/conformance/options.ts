import { SCENARIOS } from './run-conformance.js';
import type { CommandDefinition } from '../../src/cli/support/command-definition.js';
import { UsageError } from '../../src/cli/support/usage-error.js';

export interface ConformanceOptions {
  /** Starts the adapter of a client. */
  readonly command: string;
  /** Part of the names of the scenarios to play; all without it. */
  readonly only: string | null;
  readonly list: boolean;
}

const REFERENCE =
  'node --no-warnings --import ./tools/typescript/register-ts.mjs clients/conformance/adapter/adapter.ts';

export const CLIENT_CONFORMANCE: CommandDefinition<ConformanceOptions> = {
  name: 'client:conformance',
  summary: 'Plays losses, refusals and clock changes on a client, and judges it by what arrives.',
  options: {
    command: { value: 'COMMAND', help: 'starts the adapter of the client (the reference client)' },
    only: { value: 'TEXT', help: 'plays the scenarios whose names contain the text' },
    list: { help: 'prints the scenarios and the rules they judge' },
  },
  examples: ['', '--command=./my-adapter --only=clock'],
  notes: [
    'clients/conformance/README.md describes the adapter, docs/client-protocol.md the rules.',
    'Exit code: 0 no rule is broken, 1 one is, 2 wrong arguments.',
  ],
  read: (given) => {
    const only = given.text('only') ?? null;
    if (only !== null && !SCENARIOS.some(({ name }) => name.includes(only))) {
      throw new UsageError(
        `--only must be part of the name of a scenario, it is "${only}": --list prints them`,
      );
    }
    return { command: given.text('command') ?? REFERENCE, only, list: given.flag('list') };
  },
};
