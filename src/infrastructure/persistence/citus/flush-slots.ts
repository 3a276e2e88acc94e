import { ApplicationException } from '../../../shared/exceptions/application.exception.js';

/** Bounds the wait for a connection; a statement of a flush takes a second at most. */
export const MAX_WAIT_MS = 5000;

/**
 * Shares the connections of one node among the flushes of its buckets, oldest first.
 * The pool waits for a connection as long as for a server that does not answer, and reports both as unavailable.
 */
export class FlushSlots {
  private free: number;
  private readonly waiting = new Set<() => void>();

  /** @param count flushes that may be in flight at once */
  constructor(count: number) {
    this.free = count;
  }

  /** @throws ApplicationException `overloaded` when no slot became free in time */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await this.waitForSlot();
    try {
      return await work();
    } finally {
      this.release();
    }
  }

  private release(): void {
    const [next] = this.waiting;
    if (next === undefined) this.free++;
    else next();
  }

  private waitForSlot(): Promise<void> {
    return new Promise((resolve, reject) => {
      const take = (): void => {
        clearTimeout(timer);
        this.waiting.delete(take);
        resolve();
      };
      const timer = setTimeout(() => {
        this.waiting.delete(take);
        reject(new ApplicationException('overloaded'));
      }, MAX_WAIT_MS);
      this.waiting.add(take);
    });
  }
}
