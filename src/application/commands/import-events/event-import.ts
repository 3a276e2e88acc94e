import type { RecordEventsResult } from '../record-events/record-events.command.js';
import type { ImportOptions, ImportTotals, RejectedLine } from './import-events.command.js';

const BATCH_LINES = 1000;
/** Limits the batches in flight; several keep the database busy while lines are read. */
const MAX_BATCHES_IN_FLIGHT = 3;
const MAX_LINE_CHARACTERS = 1024 * 1024;

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
  async run(lines: AsyncIterable<string>): Promise<ImportTotals> {
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

  private add(line: string): void {
    this.totals.lines++;
    if (line.trim() === '') return;
    const event = parseJson(line);
    if (event === undefined) {
      this.reject({ line: this.totals.lines, code: null, message: 'no JSON, or longer than 1 MiB' });
    } else this.batch.push({ line: this.totals.lines, event });
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

/** Returns undefined for a line that is too long or is not JSON. */
function parseJson(line: string): unknown {
  if (line.length > MAX_LINE_CHARACTERS) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    // The caller reports the line with its number.
    return undefined;
  }
}
