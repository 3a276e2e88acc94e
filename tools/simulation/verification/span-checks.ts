import type { ExpectedSpans } from '../bookkeeping/span-book.js';
import { countsOf, type FigureRow, type FigureRows } from '../delivery/figure-rows.js';
import { formatCount } from '../reporting/format.js';
import { createCheck, formatRange, type Check } from './check.js';
import { SPAN_QUESTIONS, type SpanQuestion } from './span-questions.js';

/** The answers to all questions, in their order. */
export type SpanAnswers = readonly FigureRows[];

const SAMPLES_SHOWN = 5;

interface Comparison {
  compared: number;
  readonly samples: string[];
  isBehind: boolean;
}

/**
 * Checks figures over spans of days. The identities of a run are its own, so each figure is the one before the run plus
 * that of the model. Bits are built each hour: figures from before the end of the run prove nothing.
 */
export function spanChecks(
  expected: ExpectedSpans,
  before: SpanAnswers,
  after: SpanAnswers,
  endedAtMs: number,
): Check[] {
  const routes = new Map<string, Comparison>();
  for (const [index, question] of SPAN_QUESTIONS.entries()) {
    const comparison = routes.get(question.route) ?? { compared: 0, samples: [], isBehind: false };
    routes.set(question.route, comparison);
    const [was, is] = [before[index], after[index]];
    if (was === undefined || is === undefined) throw new Error(`${question.path} was not asked`);
    if ((is.builtMs ?? 0) < endedAtMs) comparison.isBehind = true;
    for (const [key, row] of was.rows)
      compareRow(question, expected, { was: row, is: is.rows.get(key) }, comparison);
  }
  return [...routes].map(([route, comparison]) => toCheck(route, comparison));
}

function compareRow(
  { path, expect }: SpanQuestion,
  { model, uncertain }: ExpectedSpans,
  { was, is }: { readonly was: FigureRow; readonly is: FigureRow | undefined },
  comparison: Comparison,
): void {
  const days = was.first === was.last ? was.first : `${was.first} to ${was.last}`;
  if (is === undefined) {
    comparison.samples.push(`${path} ${days}: the row is missing`);
    return;
  }
  const gains = countsOf(expect(model, was));
  for (const name of new Set([...was.counts.keys(), ...is.counts.keys()])) {
    // A day that was not over before the run has no cell of its own then.
    if (name.startsWith('retained') && !(was.counts.has(name) && is.counts.has(name))) continue;
    const low = gains.get(name) ?? 0;
    const range = { low, high: low + uncertain };
    const [old, current] = [was.counts.get(name) ?? 0, is.counts.get(name) ?? 0];
    comparison.compared += 1;
    if (range.low <= current - old && current - old <= range.high) continue;
    const words = `${formatCount(old)} → ${formatCount(current)}, expected +${formatRange(range)}`;
    comparison.samples.push(`${path} ${days} ${name}: ${words}`);
  }
}

function toCheck(route: string, { compared, samples, isBehind }: Comparison): Check {
  const detail = `${formatCount(compared)} figures, ${formatCount(compared - samples.length)} right`;
  const shown = samples.slice(0, SAMPLES_SHOWN);
  if (samples.length > 0 && isBehind)
    return { verdict: 'open', name: route, detail: `${detail}; not built anew yet`, samples: shown };
  return createCheck(route, samples.length === 0, { detail, samples: shown });
}
