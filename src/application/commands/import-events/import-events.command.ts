import { Command } from '@nestjs/cqrs';
import type { ErrorCode } from '../../../shared/exceptions/error-catalogue.js';

/** The longest line, in bytes: as long as the body of a request. A longer line may be cut after one byte more. */
export const MAX_LINE_BYTES = 1024 * 1024;

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
  /** Code of the broken rule; null for a line that cannot be decoded. */
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
    readonly lines: AsyncIterable<Buffer>,
    readonly options: ImportOptions,
  ) {
    super();
  }
}
