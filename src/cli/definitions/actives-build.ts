import type { CommandDefinition } from '../support/command-definition.js';
import { FIRST_DAY, LAST_DAY, toDays } from '../support/days.js';

export interface BuildArguments {
  readonly days: readonly string[];
  readonly json: boolean;
}

export const ACTIVES_BUILD: CommandDefinition<BuildArguments> = {
  name: 'actives:build',
  summary:
    'Builds the bits of one day or of a span from the active sets, for figures over spans of days. Changes no DAU.',
  positionals: [{ ...FIRST_DAY, required: true }, LAST_DAY],
  options: { json: { help: 'prints one JSON object instead of a table' } },
  examples: ['2025-01-15', '2025-01-01 2025-06-30'],
  notes: [
    'The hourly rollup builds 31 past days a run; this command builds all of them at once, oldest first.',
    'Then it unites every past week that was built, as the hourly rollup does with 13 weeks a run.',
    'Exit code: 0 done, 1 failed, 2 wrong arguments, 130 interrupted.',
  ],
  read: (given) => ({ days: toDays(given.positionals), json: given.flag('json') }),
};
