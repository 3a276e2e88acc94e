import { Logger } from '@nestjs/common';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';

/** Bounds the wait for a connection; a statement of a flush takes a second at most. */
export const MAX_WAIT_MS = 5000;
/** Bounds the wait of a bucket whose node did not answer last, so that its requests get 503 in time. */
export const SILENT_WAIT_MS = 500;
/** Share of the slots that second flushes of a bucket leave free, and that silent buckets hold at most. */
const RESERVED_SHARE = 0.25;

interface Waiter {
  readonly bucket: number;
  readonly start: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Shares the connections of one node among the flushes of its buckets, oldest first. A bucket whose last flush got no
 * answer is silent, and may hold few slots: docs/adr/0021 gives the reasons.
 */
export class FlushSlots {
  private readonly logger = new Logger(FlushSlots.name);
  private free: number;
  private readonly reserved: number;
  private readonly waiting = new Set<Waiter>();
  /** Number of flushes in flight by bucket. */
  private readonly held = new Map<number, number>();
  /** Failure of the last flush of each silent bucket. */
  private readonly silent = new Map<number, unknown>();

  /**
   * @param count flushes that may be in flight at once
   * @param isUnanswered recognises the failure of a flush that got no answer in time
   */
  constructor(
    count: number,
    private readonly isUnanswered: (error: unknown) => boolean,
  ) {
    this.free = count;
    this.reserved = Math.floor(count * RESERVED_SHARE);
  }

  /** @throws ApplicationException `overloaded` when no slot became free in time; the last failure of a silent bucket */
  async run<T>(bucket: number, work: () => Promise<T>): Promise<T> {
    if (this.mayTake(bucket)) this.take(bucket);
    else await this.waitForSlot(bucket);
    try {
      const result = await work();
      if (this.silent.delete(bucket)) this.logger.log(`Bucket ${bucket} answers again`);
      return result;
    } catch (error) {
      if (this.isUnanswered(error)) this.markSilent(bucket, error);
      throw error;
    } finally {
      this.release(bucket);
    }
  }

  private mayTake(bucket: number): boolean {
    if (this.free === 0) return false;
    if (this.silent.has(bucket))
      return !this.held.has(bucket) && this.countHeldBySilent() < Math.max(1, this.reserved);
    // The first flush of a bucket takes any slot, so that no bucket keeps another from starting.
    return !this.held.has(bucket) || this.free > this.reserved;
  }

  private countHeldBySilent(): number {
    return [...this.silent.keys()].reduce((sum, bucket) => sum + (this.held.get(bucket) ?? 0), 0);
  }

  private take(bucket: number): void {
    this.free--;
    this.held.set(bucket, (this.held.get(bucket) ?? 0) + 1);
  }

  private release(bucket: number): void {
    this.free++;
    const left = (this.held.get(bucket) ?? 1) - 1;
    if (left === 0) this.held.delete(bucket);
    else this.held.set(bucket, left);
    for (const waiter of [...this.waiting]) if (this.mayTake(waiter.bucket)) waiter.start();
  }

  private markSilent(bucket: number, error: unknown): void {
    if (!this.silent.has(bucket))
      this.logger.warn(
        `Bucket ${bucket} gets no answer; its flushes are tried one at a time until one is stored`,
      );
    this.silent.set(bucket, error);
    for (const waiter of [...this.waiting]) if (waiter.bucket === bucket) waiter.reject(error);
  }

  private waitForSlot(bucket: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        this.waiting.delete(waiter);
      };
      const waiter: Waiter = {
        bucket,
        start: () => {
          leave();
          this.take(bucket);
          resolve();
        },
        reject: (error) => {
          leave();
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- unchanged
          reject(error);
        },
      };
      const timer = setTimeout(
        () => {
          waiter.reject(this.silent.get(bucket) ?? new ApplicationException('overloaded'));
        },
        this.silent.has(bucket) ? SILENT_WAIT_MS : MAX_WAIT_MS,
      );
      this.waiting.add(waiter);
    });
  }
}
