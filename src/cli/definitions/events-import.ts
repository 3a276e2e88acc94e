import type { CommandDefinition } from '../support/command-definition.js';
import { UsageError } from '../support/usage-error.js';

export interface ImportArguments {
  readonly path: string;
  /** File that receives every rejected line's number and reason; null when none is wanted. */
  readonly rejectedPath: string | null;
  readonly json: boolean;
}

export const EVENTS_IMPORT: CommandDefinition<ImportArguments> = {
  name: 'events:import',
  summary:
    'Stores past events of any age, one JSON object a line in the shape of a batch’s events. A repeat stores nothing twice.',
  positionals: [{ name: 'FILE', help: 'JSON Lines; a name that ends with .gz means gzip', required: true }],
  options: {
    rejected: {
      value: 'FILE',
      help: 'writes each rejected line’s number, code and reason there, as JSON Lines',
    },
    json: { help: 'prints the result as one JSON object' },
  },
  examples: ['history.jsonl', 'history.jsonl.gz --rejected=rejected.jsonl'],
  notes: [
    'An interrupted import is resumed by the same command.',
    'Exit code: 0 done, 1 failed or lines were rejected, 2 wrong arguments, 130 interrupted.',
  ],
  read: (given) => {
    const [path = ''] = given.positionals;
    if (path === '') throw new UsageError('FILE must not be empty');
    const rejectedPath = given.text('rejected') ?? null;
    if (rejectedPath === '') throw new UsageError('--rejected must not be empty');
    return { path, rejectedPath, json: given.flag('json') };
  },
};
