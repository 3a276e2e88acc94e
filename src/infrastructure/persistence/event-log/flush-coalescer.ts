import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { flushQueueLimitRows, flushQueueRows } from '../../../shared/metrics/metrics.js';
import type { StartTimer } from '../../../shared/utils/timeout.util.js';

export interface FlushCoalescerOptions<Event> {
  /** A flush takes whole submissions until its events weigh at least this much. */
  readonly targetWeight: number;
  /** Limits the flushes in flight at once. */
  readonly concurrency: number;
  /** Weight that must wait before another flush starts beside one in flight, unless that one is slow. */
  readonly minWeightBeside: number;
  /** Labels of the queue in the metrics; default: none, for the only queue of a process. */
  readonly labels?: { readonly bucket: string };
  /** Limits the weight of all events that wait or are in flight; submissions above it are refused. */
  readonly maxWeight: number;
  /** Time that a flush waits for more events before it starts, unless they weigh enough; default: none. */
  readonly gatherMs?: number;
  /** Returns how many ordinary events one event counts for, so that large ones fill a flush sooner. */
  readonly weigh: (event: Event) => number;
  /** Recognises a flush that failed because of its events, so that each submission is worth a try alone. */
  readonly isDataError: (error: unknown) => boolean;
  /** Recognises a failure that the next flush would meet as well. */
  readonly isUnavailable: (error: unknown) => boolean;
}

/** A flush in flight for longer is slow: it may be stuck, so others start beside it. */
export const SLOW_FLUSH_MS = 50;

interface Submission<Event, Outcome> {
  readonly events: readonly Event[];
  readonly weight: number;
  readonly resolve: (outcomes: Outcome[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: events of many requests share a flush, and each request waits for its own events only.
 * Events that arrive while a flush is in flight form the next one; docs/adr/0010 gives the reason.
 *
 * @typeParam Outcome the flush's answer for each event, in order
 */
export class FlushCoalescer<Event, Outcome> {
  private readonly queue: Submission<Event, Outcome>[] = [];
  private queuedWeight = 0;
  /** Includes the weight of the queue. */
  private totalWeight = 0;
  private inFlight = 0;
  private isFlushScheduled = false;
  private cancelGathering: (() => void) | null = null;
  private readonly slowFlushes = new Set<readonly Submission<Event, Outcome>[]>();

  constructor(
    private readonly flush: (events: readonly Event[]) => Promise<Outcome[]>,
    private readonly options: FlushCoalescerOptions<Event>,
    private readonly startTimer: StartTimer = startSystemTimer,
  ) {
    flushQueueLimitRows.set({ ...options.labels }, options.maxWeight);
    this.addToTotalWeight(0);
  }

  /** @throws ApplicationException `overloaded`, or the error of the flush */
  submit(events: readonly Event[]): Promise<Outcome[]> {
    const weight = events.reduce((sum, event) => sum + this.options.weigh(event), 0);
    // An empty coalescer accepts a submission of any size: it could never be accepted otherwise.
    if (this.totalWeight > 0 && this.totalWeight + weight > this.options.maxWeight) {
      return Promise.reject(new ApplicationException('overloaded'));
    }
    this.addToTotalWeight(weight);
    return new Promise((resolve, reject) => {
      this.queue.push({ events, weight, resolve, reject });
      this.queuedWeight += weight;
      this.scheduleFlush();
    });
  }

  private scheduleFlush(): void {
    if (this.isFlushScheduled || this.queue.length === 0) return;
    const { concurrency, minWeightBeside } = this.options;
    const mayStartBeside = this.queuedWeight >= minWeightBeside || this.slowFlushes.size > 0;
    if (this.inFlight >= (mayStartBeside ? concurrency : 1)) return;
    const { gatherMs = 0, targetWeight } = this.options;
    if (gatherMs > 0 && this.queuedWeight < targetWeight) {
      this.cancelGathering ??= this.startTimer(() => {
        this.cancelGathering = null;
        this.startFlush();
      }, gatherMs);
      return;
    }
    this.cancelGathering?.();
    this.cancelGathering = null;
    this.isFlushScheduled = true;
    // setImmediate runs after the input phase of this turn, so requests that arrive together share a flush.
    setImmediate(() => {
      this.isFlushScheduled = false;
      this.startFlush();
    });
  }

  private startFlush(): void {
    void this.flushNext();
    this.scheduleFlush();
  }

  private async flushNext(): Promise<void> {
    const { batch, weight } = this.takeBatch();
    if (batch.length === 0) return;
    this.inFlight++;
    const cancelTimer = this.startTimer(() => {
      this.slowFlushes.add(batch);
      this.scheduleFlush();
    }, SLOW_FLUSH_MS);
    try {
      await this.settle(batch);
    } finally {
      cancelTimer();
      this.slowFlushes.delete(batch);
      this.inFlight--;
      this.addToTotalWeight(-weight);
      this.scheduleFlush();
    }
  }

  private takeBatch(): { readonly batch: readonly Submission<Event, Outcome>[]; readonly weight: number } {
    const batch: Submission<Event, Outcome>[] = [];
    let weight = 0;
    for (let next = this.queue[0]; next && weight < this.options.targetWeight; next = this.queue[0]) {
      batch.push(next);
      weight += next.weight;
      this.queue.shift();
    }
    this.queuedWeight -= weight;
    return { batch, weight };
  }

  private async settle(batch: readonly Submission<Event, Outcome>[]): Promise<void> {
    try {
      const outcomes = await this.flush(batch.flatMap(({ events }) => events));
      let from = 0;
      for (const { events, resolve } of batch) resolve(outcomes.slice(from, (from += events.length)));
    } catch (error) {
      if (batch.length > 1 && this.options.isDataError(error)) {
        // A request's bad event must not fail the other requests of the flush.
        for (const submission of batch) await this.settle([submission]);
        return;
      }
      for (const { reject } of batch) reject(error);
      if (this.options.isUnavailable(error)) this.rejectQueue(error);
    }
  }

  /** Rejects the queue at once, so that no request waits for the time limit of two statements. */
  private rejectQueue(error: unknown): void {
    for (const { weight, reject } of this.queue.splice(0)) {
      this.queuedWeight -= weight;
      this.addToTotalWeight(-weight);
      reject(error);
    }
  }

  private addToTotalWeight(change: number): void {
    this.totalWeight += change;
    flushQueueRows.inc({ ...this.options.labels }, change);
  }
}

function startSystemTimer(callback: () => void, delayMs: number): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => {
    clearTimeout(timer);
  };
}
