import type { CommandDefinition } from '../../src/cli/support/command-definition.js';

export interface RecordedInputFiles {
  readonly events: string;
  readonly expected: string;
  /** Expected figures over spans of days; null to compare the days alone. */
  readonly expectedActives: string | null;
}

export const CHECK_RECORDED_INPUT: CommandDefinition<RecordedInputFiles> = {
  name: 'check:recorded-input',
  summary:
    'Imports recorded events into an empty database and compares the answers with expected figures, after `npm run build`.',
  positionals: [
    { name: 'EVENTS.jsonl[.gz]', help: 'the events, one a line', required: true },
    { name: 'EXPECTED.json', help: 'the number of events and the expected days', required: true },
    { name: 'ACTIVES.json', help: 'the expected figures over spans of days' },
  ],
  examples: ['events.jsonl.gz expected.json', 'events.jsonl.gz expected.json actives.json'],
  notes: ['Exit code: 0 all steps passed, 1 one failed, 2 wrong arguments.'],
  read: ({ positionals: [events = '', expected = '', expectedActives = null] }) => ({
    events,
    expected,
    expectedActives,
  }),
};
