import type {
  ImportTotals,
  RejectedLine,
} from '../../application/commands/import-events/import-events.command.js';

const SHOWN_REJECTIONS = 20;

export interface ImportRun {
  readonly isInterrupted: boolean;
  readonly seconds: number;
  /** File that holds every rejection; null when none was asked for. */
  readonly rejectedPath: string | null;
}

export function importProgress(totals: ImportTotals, percent: number, seconds: number): string {
  const { lines, accepted, duplicates, rejected } = totals;
  const rate = Math.round((accepted + duplicates) / Math.max(0.001, seconds));
  return `${percent} % · ${lines} lines · ${accepted} new · ${duplicates} known · ${rejected} rejected · ${rate}/s`;
}

/**
 * Returns the lines to print for a rejection: none after the first {@link SHOWN_REJECTIONS}.
 *
 * @param number counts the rejections so far, this one included
 */
export function rejectionLines({ line, message }: RejectedLine, number: number): string[] {
  if (number > SHOWN_REJECTIONS) return [];
  const shown = `line ${line}: ${message}`;
  return number === SHOWN_REJECTIONS ? [shown, '… further rejected lines are only counted'] : [shown];
}

/** Sums an import up and says what to do next. */
export function importSummary(totals: ImportTotals, run: ImportRun): string {
  const { lines, accepted, duplicates, rejected } = totals;
  return [
    `${run.isInterrupted ? 'Interrupted: ' : ''}${lines} lines: ${accepted} accepted, ` +
      `${duplicates} duplicates, ${rejected} rejected in ${run.seconds.toFixed(1)} s`,
    ...nextSteps(totals, run),
  ].join('\n');
}

/** Returns what a program reads in place of the summary. */
export function importResult(totals: ImportTotals, run: ImportRun) {
  return {
    ...totals,
    seconds: Number(run.seconds.toFixed(1)),
    interrupted: run.isInterrupted,
    nextSteps: nextSteps(totals, run),
  };
}

function nextSteps(
  { accepted, rejected }: ImportTotals,
  { isInterrupted, rejectedPath }: ImportRun,
): string[] {
  const steps: string[] = [];
  if (isInterrupted) steps.push('Start the same command again to resume: it stores nothing twice.');
  if (rejected > 0) {
    steps.push(
      rejectedPath === null
        ? 'Rejected lines are not stored: correct them and import the file again; --rejected=FILE lists them all.'
        : `Rejected lines are not stored: ${rejectedPath} lists them; correct them and import the file again.`,
    );
  }
  if (accepted > 0) {
    steps.push(
      'The running service calculates the DAU of the imported days by itself, up to 31 past days an hour. ' +
        'To have it at once: npm run dau:calculate -- FIRST-DAY LAST-DAY',
    );
  }
  return steps;
}
