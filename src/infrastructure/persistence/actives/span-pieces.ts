import type { DaySpan } from '../../../domain/value-objects/active-span.vo.js';
import { addDaysToKey, countDays, type DateKey } from '../../../shared/utils/timezone.util.js';
import type { RequestStatements } from './chunk-counts.js';
import { READ_BUILDS_OF_SPAN_SQL } from './week-statements.js';

const DAYS_A_WEEK = 7;

/** A day of a span, or a whole week of it that was united before. */
export interface SpanPiece {
  /** The day, or the Monday of the week. */
  readonly day: DateKey;
  readonly isWeek: boolean;
}

/** The builds that a span is counted from. */
export interface SpanBuilds {
  /** Changes with every build of a day up to the last one of the span. */
  readonly version: string;
  /** Mondays of weeks inside the span whose union is as new as their days, each with a name of that union. */
  readonly weeks: ReadonlyMap<DateKey, string>;
}

export async function readBuildsOfSpan(
  prisma: RequestStatements,
  { first, last }: DaySpan,
): Promise<SpanBuilds> {
  const [row] = await prisma.statementForRequest<{ version: string; weeks: string | null }>(
    READ_BUILDS_OF_SPAN_SQL,
    first,
    last,
  );
  const weeks = row?.weeks?.split(',').map((week) => week.split('=') as [DateKey, string]);
  return { version: row?.version ?? '', weeks: new Map(weeks) };
}

/** Names the unions of the weeks among pieces: one that was removed or made anew is named differently. */
export function unionsOf(pieces: readonly SpanPiece[], { weeks }: Pick<SpanBuilds, 'weeks'>): string {
  return pieces.flatMap(({ day, isWeek }) => (isWeek ? [`${day}=${weeks.get(day) ?? ''}`] : [])).join();
}

/** Divides a span into weeks of `weeks`, where a whole one fits, and days. */
export function divideSpan({ first, last }: DaySpan, weeks: Pick<ReadonlySet<DateKey>, 'has'>): SpanPiece[] {
  const pieces: SpanPiece[] = [];
  const days = countDays(first, last);
  for (let index = 0; index < days;) {
    const day = addDaysToKey(first, index);
    const isWeek = weeks.has(day) && index + DAYS_A_WEEK <= days;
    pieces.push({ day, isWeek });
    index += isWeek ? DAYS_A_WEEK : 1;
  }
  return pieces;
}

/** Counts the days of pieces. */
export function daysOf(pieces: readonly SpanPiece[]): number {
  return pieces.reduce((days, { isWeek }) => days + (isWeek ? DAYS_A_WEEK : 1), 0);
}
