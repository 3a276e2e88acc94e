import type {
  ImportTotals,
  RejectedLine,
} from '../../application/commands/import-events/import-events.command.js';
import { UsageError } from './usage-error.js';

const SHOWN_REJECTIONS = 20;

/** @throws UsageError unless the command line is the path of one file */
export function readImportArguments(argv: readonly string[]): string {
  const [path, ...more] = argv;
  if (path === undefined || more.length > 0) {
    throw new UsageError('Usage: npm run events:import -- FILE.jsonl[.gz]');
  }
  return path;
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

export function importSummary(totals: ImportTotals, isInterrupted: boolean, seconds: number): string {
  const { lines, accepted, duplicates, rejected } = totals;
  return (
    `${isInterrupted ? 'Interrupted (start again to resume): ' : ''}${lines} lines: ${accepted} accepted, ` +
    `${duplicates} duplicates, ${rejected} rejected in ${seconds.toFixed(1)} s`
  );
}
