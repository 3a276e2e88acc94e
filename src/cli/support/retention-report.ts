import type {
  KeptReason,
  RetentionItem,
  RetentionReport,
} from '../../application/commands/apply-retention/apply-retention.command.js';
import type { RetainedData } from '../../application/ports/event-retention.port.js';
import { count, table } from './texts.js';

const DATA: Readonly<Record<RetainedData, string>> = { events: 'events', actives: 'active set' };

const REASONS: Readonly<Record<KeptReason, string>> = {
  marked: 'it gained active users that are not calculated yet; the hourly job does it',
  not_calculated: 'it has active users and no stored figures: npm run dau:calculate -- DAY',
  not_final: 'its figures are from before it was over; the hourly job calculates it',
  changed_lately: 'its figures were calculated within the last seven days',
  drift: 'its sources differ: npm run dau:audit -- DAY',
  busy: 'others were reading its table: try again later',
  changed: 'its figures changed at the same moment: try again later',
};

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Sums up several reports of one command. */
export function joinReports(reports: readonly RetentionReport[]): RetentionReport {
  const last = reports.at(-1);
  return {
    dropped: reports.flatMap(({ dropped }) => dropped),
    // Each run looks at every day that is left.
    kept: last?.kept ?? [],
    left: last?.left ?? 0,
    ended: last?.ended ?? 'done',
  };
}

/** @param days limits of both kinds of data */
export function retentionReport(
  { dropped, kept, left, ended }: RetentionReport,
  {
    dryRun,
    days,
  }: { readonly dryRun: boolean; readonly days: Readonly<Record<RetainedData, number | null>> },
): string {
  const lines = (['events', 'actives'] as const).map((data) => `Kept ${DATA[data]}: ${limit(days[data])}`);
  if (dropped.length + kept.length > 0) {
    lines.push(
      '',
      table(
        ['day', 'data', 'rows', 'size', dryRun ? 'would be' : 'was'],
        [
          ...dropped.map((item) => [
            item.day,
            DATA[item.data],
            String(item.rows),
            size(item.bytes),
            'dropped',
          ]),
          ...kept.map((item) => [
            item.day,
            DATA[item.data],
            '–',
            size(item.bytes),
            `kept: ${REASONS[item.reason]}`,
          ]),
        ],
      ),
      '',
    );
  }
  for (const { data, day, drift = [] } of kept)
    for (const sentence of drift) lines.push(`drift of ${day}, ${DATA[data]}: ${sentence}`);
  const verb = dryRun ? 'would be dropped' : 'dropped';
  lines.push(
    `${count(dropped.length, 'partition')} ${verb}, ${sum(dropped)}; ${count(kept.length, 'partition')} past the limit kept, ${sum(kept)}.`,
  );
  if (dryRun && dropped.length > 0)
    lines.push('Each day is audited before it is dropped; with a difference it is kept.');
  if (ended === 'time_limit')
    lines.push(`${count(left, 'partition')} left after 40 minutes. Continue with: npm run retention`);
  if (ended === 'interrupted') lines.push('Interrupted. Continue with: npm run retention');
  if (ended === 'elsewhere') lines.push('Another process runs retention at this moment: nothing was done.');
  return lines.join('\n');
}

function limit(days: number | null): string {
  return days === null ? 'all' : `today and ${count(days, 'day')} before`;
}

function sum(items: readonly RetentionItem[]): string {
  return size(items.reduce((total, { bytes }) => total + bytes, 0));
}

/** Formats bytes in thousands: `16.4 kB`. */
function size(bytes: number): string {
  const step = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return `${step === 0 ? bytes : (bytes / 1000 ** step).toFixed(1)} ${UNITS[step] ?? ''}`;
}
