import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { flushQueueRows } from '../../../shared/metrics/metrics.js';

export interface FlushCoalescerOptions<Row> {
  /** A flush takes whole submissions until it holds at least this many rows. */
  readonly targetRows: number;
  /** Statements under way at once. */
  readonly concurrency: number;
  /** Ordinary rows that must wait for another statement to begin beside one under way, unless that one is slow. */
  readonly minRowsBeside: number;
  /** Rows waiting or under way; beyond it submissions are refused. */
  readonly maxRows: number;
  /** For how many ordinary rows a row counts: large ones fill a flush, and the bound, sooner. */
  readonly weigh: (row: Row) => number;
  /** Whether a failure says that the next flush would fail too. */
  readonly isOutage: (error: unknown) => boolean;
}

/** A statement that takes longer may be stuck: others go past it. */
const SLOW_MS = 50;

interface Submission<Row, Outcome> {
  readonly rows: readonly Row[];
  readonly weight: number;
  readonly resolve: (outcomes: Outcome[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: rows of many requests share a statement, and each request waits for its own rows only.
 *
 * Adapts by itself. Idle, a submission is flushed at the end of the current turn of the event loop. Under load, all
 * that arrives while a statement is under way waits and makes the next one larger, because a few rows cost less than
 * their statement. Once they are worth one, `minRowsBeside` of them, they wait only for `concurrency` statements.
 *
 * @typeParam Outcome what the flush answers for each row, in order
 */
export class FlushCoalescer<Row, Outcome> {
  private readonly queue: Submission<Row, Outcome>[] = [];
  private underWay = 0;
  /** Of all rows, and of those that wait. */
  private weight = 0;
  private waiting = 0;
  private scheduled = false;
  /** Statements under way for longer than {@link SLOW_MS}. */
  private readonly slow = new Set<readonly Submission<Row, Outcome>[]>();

  constructor(
    private readonly flush: (rows: readonly Row[]) => Promise<Outcome[]>,
    /** Whether a flush failed because of its rows, so that its submissions are worth trying one by one. */
    private readonly isRowFault: (error: unknown) => boolean,
    private readonly options: FlushCoalescerOptions<Row>,
  ) {}

  /** @throws ApplicationException `overloaded`, or what the flush threw */
  submit(rows: readonly Row[]): Promise<Outcome[]> {
    const weight = rows.reduce((sum, row) => sum + this.options.weigh(row), 0);
    // However large, a submission that finds nothing waiting is taken: it could never be taken otherwise.
    if (this.weight > 0 && this.weight + weight > this.options.maxRows) {
      return Promise.reject(new ApplicationException('overloaded'));
    }
    this.count(weight);
    return new Promise((resolve, reject) => {
      this.queue.push({ rows, weight, resolve, reject });
      this.waiting += weight;
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled || this.queue.length === 0) return;
    const { concurrency, minRowsBeside } = this.options;
    const mayGoBeside = this.waiting >= minRowsBeside || this.slow.size > 0;
    if (this.underWay >= (mayGoBeside ? concurrency : 1)) return;
    this.scheduled = true;
    // After the input phase of this turn: requests that arrived together are flushed together.
    setImmediate(() => {
      this.scheduled = false;
      void this.flushNext();
      this.schedule();
    });
  }

  private async flushNext(): Promise<void> {
    const batch: Submission<Row, Outcome>[] = [];
    let size = 0;
    for (let next = this.queue[0]; next && size < this.options.targetRows; next = this.queue[0]) {
      batch.push(next);
      size += next.weight;
      this.queue.shift();
    }
    if (batch.length === 0) return;
    this.waiting -= size;
    this.underWay++;
    const timer = setTimeout(() => {
      this.slow.add(batch);
      this.schedule();
    }, SLOW_MS);
    try {
      await this.settle(batch);
    } finally {
      clearTimeout(timer);
      this.slow.delete(batch);
      this.underWay--;
      this.count(-size);
      this.schedule();
    }
  }

  private async settle(batch: readonly Submission<Row, Outcome>[]): Promise<void> {
    try {
      const outcomes = await this.flush(batch.flatMap(({ rows }) => rows));
      let from = 0;
      for (const { rows, resolve } of batch) resolve(outcomes.slice(from, (from += rows.length)));
    } catch (error) {
      if (batch.length > 1 && this.isRowFault(error)) {
        // One request's rows must not fail its neighbours'.
        for (const submission of batch) await this.settle([submission]);
        return;
      }
      for (const { reject } of batch) reject(error);
      if (this.options.isOutage(error)) this.refuseQueued(error);
    }
  }

  /**
   * A database that did not answer this flush will not answer the next: what waits is refused now, within the time
   * limit of one statement, and not after another.
   */
  private refuseQueued(error: unknown): void {
    for (const { weight, reject } of this.queue.splice(0)) {
      this.waiting -= weight;
      this.count(-weight);
      reject(error);
    }
  }

  private count(change: number): void {
    this.weight += change;
    flushQueueRows.set(this.weight);
  }
}
