import type { DeadLetterSelection } from '../../application/ports/dead-letters.port.js';
import { isInstant } from '../../shared/rules/instant.rule.js';
import { toCount } from '../support/arguments.js';
import type { CommandDefinition, GivenArguments } from '../support/command-definition.js';
import { UsageError } from '../support/usage-error.js';

export interface ReplayArguments extends DeadLetterSelection {
  readonly dryRun: boolean;
  readonly json: boolean;
}

export const DLQ_REPLAY: CommandDefinition<ReplayArguments> = {
  name: 'dlq:replay',
  summary: 'Returns dead letters to the topic they came from. A second replay records nothing twice.',
  options: {
    'dry-run': { help: 'lists what would be replayed and sends nothing' },
    reason: { value: 'CODE', help: 'only dead letters with this reason' },
    since: {
      value: 'INSTANT',
      help: 'only those that failed then or later, such as 2025-01-15T08:00:00+08:00',
    },
    until: { value: 'INSTANT', help: 'only those that failed earlier than that' },
    source: {
      value: 'PARTITION:OFFSET',
      multiple: true,
      help: 'only the one that came from there; may be given several times',
    },
    limit: { value: 'N', help: 'at most so many' },
    json: { help: 'prints the result as one JSON object' },
  },
  examples: ['--dry-run', '--reason=user_id_invalid --limit=100', '--source=3:42 --source=3:44'],
  notes: [
    'It needs KAFKA_BROKERS.',
    'Exit code: 0 done, 1 failed, 2 wrong arguments or no KAFKA_BROKERS, 130 interrupted.',
  ],
  read: readReplayArguments,
};

function readReplayArguments(given: GivenArguments): ReplayArguments {
  const [reason, limit] = [given.text('reason'), given.text('limit')];
  const since = toInstant('since', given.text('since'));
  const until = toInstant('until', given.text('until'));
  if (since !== null && until !== null && since >= until) {
    throw new UsageError('--since must be earlier than --until');
  }
  if (reason?.trim() === '') throw new UsageError('--reason must not be empty');
  return {
    dryRun: given.flag('dry-run'),
    json: given.flag('json'),
    reason: reason ?? null,
    since,
    until,
    sources: given.texts('source')?.map(toSource) ?? null,
    limit: limit === undefined ? null : toCount('limit', limit),
  };
}

function toInstant(name: string, text: string | undefined): Date | null {
  if (text === undefined) return null;
  if (!isInstant(text)) {
    throw new UsageError(
      `--${name} must be an instant with its zone, such as 2025-01-15T08:00:00+08:00, not "${text}"`,
    );
  }
  return new Date(text);
}

function toSource(text: string): string {
  const [, partition, offset] = /^(\d{1,9}):(\d{1,19})$/.exec(text) ?? [];
  if (partition === undefined || offset === undefined) {
    throw new UsageError(`--source must be PARTITION:OFFSET, such as 3:42, not "${text}"`);
  }
  return `${Number(partition)}:${BigInt(offset)}`;
}
