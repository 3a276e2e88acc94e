import { parseInstallId } from '../../shared/rules/install-id.rule.js';
import { parseUserId } from '../../shared/rules/user-id.rule.js';
import type { CommandDefinition } from '../support/command-definition.js';
import { UsageError } from '../support/usage-error.js';

export interface EraseArguments {
  readonly subjects: readonly { readonly kind: 'user' | 'install'; readonly id: string }[];
  readonly json: boolean;
}

export const USER_ERASE: CommandDefinition<EraseArguments> = {
  name: 'user:erase',
  summary:
    'Erases users, and the events of installs without a user: log, names in active sets and dictionary, claims, outbox, presence. Figures stay.',
  options: {
    user: { value: 'ID', multiple: true, help: 'id of a user; may be given several times' },
    install: {
      value: 'ID',
      multiple: true,
      help: 'id of an install, whose events without a user are erased; may be given several times',
    },
    json: { help: 'prints the result as one JSON object' },
  },
  examples: ['--user=42', '--user=42 --install=0193560a-7b1e-7c9e-b5d4-52ab6a4d3c11'],
  notes: [
    'It needs DATABASE_MIGRATION_URL, the connection of the owner of the tables. The service may run.',
    'Revoke the tokens of the user first: events that arrive later count as those of a new user.',
    'A repeat finishes what was interrupted. Each run stores a report; keep the receipt that it prints.',
    'Exit code: 0 done, 1 failed, 2 wrong arguments, 130 interrupted.',
  ],
  read: (given) => {
    const users = (given.texts('user') ?? []).map((id) => {
      if (parseUserId(id) === null)
        throw new UsageError(`--user must be a whole number from 1 to 9223372036854775807, not "${id}"`);
      return { kind: 'user' as const, id };
    });
    const installs = (given.texts('install') ?? []).map((id) => {
      const verdict = parseInstallId(id);
      if ('value' in verdict) return { kind: 'install' as const, id: verdict.value };
      throw new UsageError(
        `--install must be the install id of one device, 8 to 128 characters, not "${id}"`,
      );
    });
    const subjects = [...users, ...installs];
    if (subjects.length === 0) throw new UsageError('--user or --install must name whom to erase');
    return { subjects, json: given.flag('json') };
  },
};
