import type {
  DeadLetter,
  DeadLetterSelection,
  Misfit,
  ReplayOutcome,
} from '../../infrastructure/kafka/dead-letters/dead-letter-replay.js';
import { isInstant } from '../../shared/rules/instant.rule.js';
import { readOptions, toCount } from './arguments.js';
import { count, oneLine } from './texts.js';
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

const COLUMNS = { source: 14, failedAt: 24, reason: 20, key: 24 };
const MAX_DETAIL_LENGTH = 160;

export const LETTER_HEADS = [
  'source'.padEnd(COLUMNS.source),
  'failed at'.padEnd(COLUMNS.failedAt),
  'reason'.padEnd(COLUMNS.reason),
  'key'.padEnd(COLUMNS.key),
  'detail',
].join('  ');

/** Keys and details are printed; values are personal data, and never are. */
export function letterLine({ source, failedAt, reason, key, detail }: DeadLetter): string {
  const fit = (text: string, width: number): string => oneLine(text, width).padEnd(width);
  return [
    source.padEnd(COLUMNS.source),
    failedAt.toISOString().padEnd(COLUMNS.failedAt),
    fit(reason, COLUMNS.reason),
    fit(key ?? '–', COLUMNS.key),
    oneLine(detail, MAX_DETAIL_LENGTH),
  ]
    .join('  ')
    .trimEnd();
}

export interface ReplayTopics {
  readonly topic: string;
  readonly deadLetterTopic: string;
}

/** What was done, by reason, and what was not. */
export function replaySummary(
  outcome: ReplayOutcome,
  { topic, deadLetterTopic }: ReplayTopics,
  { dryRun, limit }: Pick<ReplayArguments, 'dryRun' | 'limit'>,
): string {
  const { ended, read, replayed, byReason, repeated, missing } = outcome;
  if (ended === 'complete' && read === 0) return `There are no dead letters in ${deadLetterTopic}.`;
  const lines = [
    `${ended === 'interrupted' ? 'Interrupted: ' : ''}${replayed} ${dryRun ? 'would be ' : ''}replayed to ${topic}, ` +
      `of ${count(read, 'dead letter')} read.`,
    ...reasonLines(byReason),
  ];
  if (ended === 'limit') lines.push(`Stopped at the limit of ${limit ?? replayed}; there may be more.`);
  if (repeated > 0) lines.push(`${repeated} had the source of another one and ${verb(repeated)} left out.`);
  lines.push(...leftAloneLine(outcome, topic));
  if (ended === 'complete' && missing.length > 0) {
    lines.push(`No such dead letter: ${missing.map((source) => `source ${source}`).join(', ')}.`);
  }
  if (!dryRun && replayed > 0) {
    lines.push(`They stay in ${deadLetterTopic} too; replaying them again records nothing twice.`);
  }
  return lines.join('\n');
}

function reasonLines(byReason: ReadonlyMap<string, number>): string[] {
  const width = Math.max(0, ...[...byReason.values()].map((number) => String(number).length));
  return [...byReason]
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([reason, number]) => `  ${String(number).padStart(width)}  ${oneLine(reason, 60)}`);
}

function leftAloneLine({ leftAlone }: ReplayOutcome, topic: string): string[] {
  const why: Record<Misfit, string> = {
    foreign: `not from ${topic}`,
    incomplete: 'without the headers of a dead letter',
    misplaced: `from a partition that ${topic} no longer has`,
  };
  const misfits = (Object.keys(why) as Misfit[]).filter((misfit) => leftAlone[misfit] > 0);
  if (misfits.length === 0) return [];
  const total = misfits.reduce((sum, misfit) => sum + leftAlone[misfit], 0);
  const parts = misfits.map((misfit) => `${leftAlone[misfit]} ${why[misfit]}`);
  return [`${total} ${verb(total)} left alone: ${parts.join(', ')}.`];
}

function verb(number: number): string {
  return number === 1 ? 'was' : 'were';
}
