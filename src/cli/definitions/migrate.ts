import type { CommandDefinition } from '../support/command-definition.js';

export const MIGRATE: CommandDefinition<null> = {
  name: 'prisma:migrate',
  summary:
    'Applies the pending migrations to the database of DATABASE_MIGRATION_URL or DATABASE_URL, else to the embedded one.',
  examples: [''],
  notes: ['Exit code: 0 done, 1 failed, 2 wrong arguments.'],
  read: () => null,
};
