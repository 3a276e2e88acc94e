import { backoffMs } from '../../system/backoff.js';

/** Pauses partitions whose next message cannot be handled for now, each time for longer. */
export class PartitionHolds {
  /** Maps a partition to the message that holds it and the number of failed attempts. */
  private readonly attempts = new Map<number, { readonly offset: string; readonly count: number }>();
  private readonly timers = new Map<number, NodeJS.Timeout>();

  constructor(private readonly bounds: { readonly minMs: number; readonly maxMs: number }) {}

  /** Counts the failed attempts to handle the message at this offset. */
  countAttempts(partition: number, offset: string): number {
    const held = this.attempts.get(partition);
    return held?.offset === offset ? held.count : 0;
  }

  /**
   * Records a failed attempt and calls `resume` after the backoff.
   *
   * @returns the number of failed attempts, this one included
   */
  hold(partition: number, offset: string, resume: () => void): number {
    const count = this.countAttempts(partition, offset) + 1;
    this.attempts.set(partition, { offset, count });
    clearTimeout(this.timers.get(partition));
    this.timers.set(partition, setTimeout(resume, backoffMs(count, this.bounds)));
    return count;
  }

  /** Resets the attempts of a partition after its messages were handled. */
  reset(partition: number): void {
    this.attempts.delete(partition);
  }

  /** Cancels the timers; held partitions stay paused. */
  close(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
  }
}
