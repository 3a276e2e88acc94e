import type {
  DeadLetter,
  Misfit,
  ReplayOutcome,
  ReplayProgress,
} from '../../application/ports/dead-letters.port.js';
import type { ReplayArguments } from '../definitions/dlq-replay.js';
import { count, oneLine } from './texts.js';

const COLUMNS = { source: 14, failedAt: 24, reason: 20, key: 24 };
const MAX_DETAIL_LENGTH = 160;
const SHOWN_LETTERS = 100;

export const LETTER_HEADS = [
  'source'.padEnd(COLUMNS.source),
  'failed at'.padEnd(COLUMNS.failedAt),
  'reason'.padEnd(COLUMNS.reason),
  'key'.padEnd(COLUMNS.key),
  'detail',
].join('  ');

/** Prints keys and details; values are personal data and are never printed. */
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

/** Keeps the first {@link SHOWN_LETTERS} selected dead letters of a dry run, and counts the others. */
export class ShownLetters {
  private count = 0;
  private readonly kept: string[] = [];

  add(letter: DeadLetter): void {
    if (this.count++ < SHOWN_LETTERS) this.kept.push(letterLine(letter));
  }

  /** Returns the table; empty when no dead letter was selected. */
  lines(): string[] {
    if (this.count === 0) return [];
    const more = this.count - this.kept.length;
    return [LETTER_HEADS, ...this.kept, ...(more > 0 ? [`… and ${more} more`] : [])];
  }
}

export function replayProgress({ read, total, replayed }: ReplayProgress, dryRun: boolean): string {
  return `${read} of ${total} dead letters read · ${replayed} ${dryRun ? 'selected' : 'replayed'}`;
}

/** Reports the replayed dead letters by reason, and those that were not replayed. */
export function replaySummary(
  outcome: ReplayOutcome,
  { dryRun, limit }: Pick<ReplayArguments, 'dryRun' | 'limit'>,
): string {
  const { topic, deadLetterTopic, ended, read, replayed, byReason, repeated, missing } = outcome;
  if (ended === 'complete' && read === 0) return `There are no dead letters in ${deadLetterTopic}.`;
  const lines = [
    `${ended === 'interrupted' ? 'Interrupted: ' : ''}${replayed} ${dryRun ? 'would be ' : ''}replayed to ${topic}, ` +
      `of ${count(read, 'dead letter')} read.`,
    ...reasonLines(byReason),
  ];
  if (ended === 'limit') lines.push(`Stopped at the limit of ${limit ?? replayed}; there may be more.`);
  if (repeated > 0) lines.push(`${repeated} had the source of another one and ${verb(repeated)} left out.`);
  lines.push(...leftAloneLine(outcome));
  if (ended === 'complete' && missing.length > 0) {
    lines.push(`No such dead letter: ${missing.map((source) => `source ${source}`).join(', ')}.`);
  }
  if (!dryRun && replayed > 0) {
    lines.push(`They stay in ${deadLetterTopic} too; replaying them again records nothing twice.`);
  }
  return lines.join('\n');
}

/** Returns what a program reads in place of the summary. */
export function replayResult(outcome: ReplayOutcome, dryRun: boolean) {
  return { ...outcome, byReason: Object.fromEntries(outcome.byReason), dryRun };
}

function reasonLines(byReason: ReadonlyMap<string, number>): string[] {
  const width = Math.max(0, ...[...byReason.values()].map((number) => String(number).length));
  return [...byReason]
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([reason, number]) => `  ${String(number).padStart(width)}  ${oneLine(reason, 60)}`);
}

function leftAloneLine({ leftAlone, topic }: ReplayOutcome): string[] {
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
