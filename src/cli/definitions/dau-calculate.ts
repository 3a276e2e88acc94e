import type { CommandDefinition } from '../support/command-definition.js';
import { FIRST_DAY, LAST_DAY, toDays } from '../support/days.js';

export interface CalculateArguments {
  readonly days: readonly string[];
  readonly json: boolean;
}

export const DAU_CALCULATE: CommandDefinition<CalculateArguments> = {
  name: 'dau:calculate',
  summary:
    'Calculates the DAU of one day or of a span again and stores it. A changed figure gets a new version.',
  positionals: [{ ...FIRST_DAY, required: true }, LAST_DAY],
  options: { json: { help: 'prints one JSON object instead of a table' } },
  examples: ['2025-01-15', '2025-01-15 2025-01-20'],
  notes: ['Exit code: 0 done, 1 failed, 2 wrong arguments, 130 interrupted.'],
  read: (given) => ({ days: toDays(given.positionals), json: given.flag('json') }),
};
