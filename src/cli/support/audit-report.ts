import type { ActivesAudit } from '../../application/queries/audit-actives/audit-actives.query.js';
import type { DauAudit } from '../../application/queries/audit-dau/audit-dau.query.js';
import type { FirstDaysAudit } from '../../application/queries/audit-first-days/audit-first-days.query.js';
import { daysByDriftKind, type DriftKind } from '../../application/queries/drift.js';
import { count, spansOf } from './texts.js';

const DROPPED = 'dropped';
const HEADS = ['day', 'log', 'active set', 'stored', 'live', 'bits'];

/** Kinds of drift that another build repairs when something is missing. */
const BUILT: readonly DriftKind[] = ['bits', 'places', 'weeks', 'new users'];
const MAX_LISTED_DAYS = 5;

/** The audits of a day in one. */
export type DayAudit = DauAudit & Pick<ActivesAudit, 'bits'>;

/**
 * @param requested number of days that were asked for; fewer are audited when the command is interrupted
 * @param uncompared days whose new users were not compared with the log
 */
export function auditReport(
  audits: readonly DayAudit[],
  requested: number,
  { withoutLog, unsettled }: Pick<FirstDaysAudit, 'withoutLog' | 'unsettled'>,
): string {
  const lines = [toRow(HEADS)];
  for (const { day, log, activeSet, stored, realtime, bits, drift } of audits) {
    lines.push(
      toRow([day, log ?? DROPPED, activeSet ?? DROPPED, stored ?? '–', realtime ?? '–', bits ?? '–']),
    );
    for (const difference of drift) lines.push(`  drift: ${difference}`);
  }
  const drifting = audits.filter(({ drift }) => drift.length > 0);
  const days = count(audits.length, 'day');
  lines.push(drifting.length === 0 ? `No drift in ${days}.` : `Drift in ${drifting.length} of ${days}.`);
  const kinds = daysByDriftKind(audits);
  for (const [kind, found] of kinds) lines.push(`  ${kind}: ${count(found.length, 'day')}, ${listOf(found)}`);
  if (kinds.has('stored stats'))
    lines.push('Calculate the stored figures again: npm run dau:calculate -- FIRST-DAY [LAST-DAY]');
  if (BUILT.some((kind) => kinds.has(kind)))
    lines.push('Build missing bits again: npm run actives:build -- FIRST-DAY [LAST-DAY]');
  const partly = audits.filter(({ log, activeSet }) => log === null || activeSet === null).length;
  if (partly > 0)
    lines.push(`Retention has dropped data of ${count(partly, 'day')}: what is left of them was compared.`);
  if (withoutLog.length > 0)
    lines.push(`New users without a log to compare them with: ${spansOf(withoutLog)}.`);
  if (unsettled.length > 0)
    lines.push(`New users that are compared with the log once their day is settled: ${spansOf(unsettled)}.`);
  if (audits.length < requested)
    lines.push(`Interrupted after ${audits.length} of ${count(requested, 'day')}.`);
  return lines.join('\n');
}

function toRow(cells: readonly (string | number)[]): string {
  return cells
    .map((cell) => String(cell).padEnd(12))
    .join('')
    .trimEnd();
}

function listOf(days: readonly string[]): string {
  const rest = days.length - MAX_LISTED_DAYS;
  return days.slice(0, MAX_LISTED_DAYS).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
