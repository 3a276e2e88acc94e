import type { CommandDefinition } from '../../src/cli/support/command-definition.js';

export const CHECK_RECORDED_INPUT: CommandDefinition<readonly [events: string, expected: string]> = {
  name: 'check:recorded-input',
  summary:
    'Imports recorded events into an empty database and compares the DAU with expected figures, after `npm run build`.',
  positionals: [
    { name: 'EVENTS.jsonl[.gz]', help: 'the events, one a line', required: true },
    { name: 'EXPECTED.json', help: 'the number of events and the expected days', required: true },
  ],
  examples: ['events.jsonl.gz expected.json'],
  notes: ['Exit code: 0 all steps passed, 1 one failed, 2 wrong arguments.'],
  read: ({ positionals: [events = '', expected = ''] }) => [events, expected],
};
