import type { CommandDefinition } from '../../src/cli/support/command-definition.js';
import { readWhole } from '../support/option-values.js';

export interface CheckApiOptions {
  readonly seconds: number;
  readonly seed: number;
}

export const CHECK_API: CommandDefinition<CheckApiOptions> = {
  name: 'check:api',
  summary:
    'Sends the requests of the Bruno collection, and those that schemathesis makes of the OpenAPI document, to the ' +
    'built service, and judges each answer.',
  options: {
    seconds: { value: 'N', help: 'time for the requests, 10 to 3600 (40)' },
    seed: { value: 'N', help: 'chooses the requests, 0 to 4294967295 (20250115)' },
  },
  examples: ['', '--seconds=300 --seed=7'],
  notes: [
    'It needs Python 3.11 or later with venv, and installs schemathesis and the runner of Bruno in .data at its first run.',
    'Exit code: 0 every answer is documented, 1 one is not or a step failed, 2 wrong arguments.',
  ],
  read: (given) => ({
    seconds: readWhole('seconds', given.text('seconds') ?? '40', 10, 3600),
    seed: readWhole('seed', given.text('seed') ?? '20250115', 0, 4_294_967_295),
  }),
};
