import { Command } from '@nestjs/cqrs';
import type { ErrorCode } from '../../../shared/exceptions/error-catalogue.js';

export interface ImportTotals {
  /** Number of lines read, empty ones included. */
  readonly lines: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
}

export interface RejectedLine {
  /** Number of the line in the file, from 1. */
  readonly line: number;
  /** Code of the broken rule; null for a line that is not JSON. */
  readonly code: ErrorCode | null;
  readonly message: string;
}

export interface ImportOptions {
  /** Ends the import after the lines that were read. */
  readonly signal: AbortSignal;
  readonly onRejected?: (rejected: RejectedLine) => void;
  readonly onProgress?: (totals: ImportTotals) => void;
}

/**
 * Stores past events of any age, one JSON object a line.
 * An event without an `eventId` gets one from its content, so that a second import of a line changes nothing.
 */
export class ImportEventsCommand extends Command<ImportTotals> {
  constructor(
    readonly lines: AsyncIterable<string>,
    readonly options: ImportOptions,
  ) {
    super();
  }
}
