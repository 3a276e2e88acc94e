import type { CommandDefinition } from '../support/command-definition.js';

export const OUTBOX_STATUS: CommandDefinition<{ readonly json: boolean }> = {
  name: 'outbox:status',
  summary: 'Shows how many messages wait in the outbox, for how long, and why. Changes nothing.',
  options: { json: { help: 'prints one JSON object' } },
  examples: ['', '--json'],
  notes: ['Exit code: 0 done, 1 failed, 2 wrong arguments.'],
  read: (given) => ({ json: given.flag('json') }),
};
