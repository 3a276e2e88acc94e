import { decodeJson, type JsonVerdict } from '../../../shared/json/decode-json.js';
import type { RecordEventsResult } from '../record-events/record-events.command.js';
import {
  MAX_LINE_BYTES,
  type ImportOptions,
  type ImportTotals,
  type RejectedLine,
} from './import-events.command.js';

const BATCH_LINES = 1000;
const OPENING_BRACE = 0x7b;
/** Limits the batches in flight; several keep the database busy while lines are read. */
const MAX_BATCHES_IN_FLIGHT = 3;

interface NumberedEvent {
  readonly line: number;
  readonly event: unknown;
}

/** One run of an import: gathers lines into batches, bounds the batches in flight and counts the results. */
export class EventImport {
  private readonly totals = { lines: 0, accepted: 0, duplicates: 0, rejected: 0 };
  private readonly inFlight = new Set<Promise<void>>();
  private batch: NumberedEvent[] = [];
  /** First batch that could not be stored; it ends the import. */
  private failure: { readonly error: unknown } | null = null;

  /** @param store stores one batch; its rejections name events by their index in the batch */
  constructor(
    private readonly store: (events: readonly unknown[]) => Promise<RecordEventsResult>,
    private readonly options: ImportOptions,
  ) {}

  /** @throws the error of a batch that could not be stored, else the error of reading */
  async run(lines: AsyncIterable<Buffer>): Promise<ImportTotals> {
    try {
      for await (const line of lines) {
        if (this.options.signal.aborted) break;
        this.add(line);
        if (this.batch.length >= BATCH_LINES) await this.flush();
      }
      await this.flush();
    } finally {
      await this.finishInFlight();
    }
    return { ...this.totals };
  }

  private add(bytes: Buffer): void {
    const line = ++this.totals.lines;
    if (isBlank(bytes)) return;
    const verdict = decodeLine(bytes);
    if ('value' in verdict) this.batch.push({ line, event: verdict.value });
    else this.reject({ line, code: null, message: `The line ${verdict.problem}` });
  }

  private async flush(): Promise<void> {
    if (this.batch.length > 0) {
      const stored = this.storeBatch(this.batch)
        .catch((error: unknown) => {
          this.failure ??= { error };
        })
        .finally(() => this.inFlight.delete(stored));
      this.inFlight.add(stored);
      this.batch = [];
    }
    if (this.inFlight.size >= MAX_BATCHES_IN_FLIGHT) await Promise.race(this.inFlight);
    this.throwFailure();
    this.options.onProgress?.({ ...this.totals });
  }

  private async storeBatch(batch: readonly NumberedEvent[]): Promise<void> {
    const result = await this.store(batch.map(({ event }) => event));
    this.totals.accepted += result.accepted;
    this.totals.duplicates += result.duplicates;
    for (const { index, code, message } of result.rejected ?? []) {
      this.reject({ line: batch[index]?.line ?? 0, code, message });
    }
  }

  private reject(rejected: RejectedLine): void {
    this.totals.rejected++;
    this.options.onRejected?.(rejected);
  }

  private async finishInFlight(): Promise<void> {
    await Promise.all(this.inFlight);
    this.throwFailure();
  }

  private throwFailure(): void {
    if (this.failure !== null) throw this.failure.error;
  }
}

function isBlank(line: Buffer): boolean {
  return line[0] !== OPENING_BRACE && line.toString().trim() === '';
}

function decodeLine(line: Buffer): JsonVerdict {
  if (line.length > MAX_LINE_BYTES) return { problem: 'is longer than 1 MiB: shorten it' };
  return decodeJson(line);
}
