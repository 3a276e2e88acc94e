import type { CommandDefinition } from '../support/command-definition.js';

export interface RetentionArguments {
  readonly dryRun: boolean;
  readonly json: boolean;
}

export const RETENTION: CommandDefinition<RetentionArguments> = {
  name: 'retention',
  summary:
    'Drops the days past RETENTION_DAYS_EVENTS from the log, and past RETENTION_DAYS_ACTIVES from the active sets, as the job of 03:30 does.',
  options: {
    'dry-run': { help: 'lists what would be dropped and drops nothing' },
    json: { help: 'prints one JSON object instead of a table' },
  },
  examples: ['--dry-run', '--dry-run --json', ''],
  notes: [
    'A day is dropped whole, and only when its figures are stored, final and agree with its last audit.',
    'Exit code: 0 done, 1 failed or days past their limit are kept, 2 wrong arguments or no limit is set, 130 interrupted.',
  ],
  read: (given) => ({ dryRun: given.flag('dry-run'), json: given.flag('json') }),
};
