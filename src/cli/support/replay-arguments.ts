import type { DeadLetterSelection } from '../../application/ports/dead-letters.port.js';
import { isInstant } from '../../shared/rules/instant.rule.js';
import { readOptions, toCount } from './arguments.js';
import { UsageError } from './usage-error.js';

const USAGE = `Usage: npm run dlq:replay -- [OPTIONS]
  --dry-run                   says what would be replayed and sends nothing
  --reason=CODE               only dead letters with this reason
  --since=INSTANT             only those that failed then or later, such as 2025-01-15T08:00:00+08:00
  --until=INSTANT             only those that failed earlier than that
  --source=PARTITION:OFFSET   only the one that came from there; may be given several times
  --limit=N                   at most so many`;

export interface ReplayArguments extends DeadLetterSelection {
  readonly dryRun: boolean;
}

export function readReplayArguments(argv: readonly string[]): ReplayArguments {
  const given = readOptions(
    argv,
    {
      'dry-run': { type: 'boolean' },
      reason: { type: 'string' },
      since: { type: 'string' },
      until: { type: 'string' },
      source: { type: 'string', multiple: true },
      limit: { type: 'string' },
    },
    USAGE,
  );
  const since = given.since === undefined ? null : toInstant('since', given.since);
  const until = given.until === undefined ? null : toInstant('until', given.until);
  if (since !== null && until !== null && since >= until) {
    throw new UsageError('--since must be earlier than --until');
  }
  if (given.reason?.trim() === '') throw new UsageError('--reason must not be empty');
  return {
    dryRun: given['dry-run'] ?? false,
    reason: given.reason ?? null,
    since,
    until,
    sources: given.source?.map(toSource) ?? null,
    limit: given.limit === undefined ? null : toCount('limit', given.limit),
  };
}

function toInstant(name: string, text: string): Date {
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
