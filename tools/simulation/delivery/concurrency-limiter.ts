const COMPACT_AT = 1024;

/** Runs at most `limit` tasks at a time; the others wait in order of arrival. */
export class ConcurrencyLimiter {
  private readonly waiting: (() => void)[] = [];
  private head = 0;
  private running = 0;

  constructor(private readonly limit: number) {}

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.running < this.limit) this.running += 1;
    // A finished task passes its slot to the next one, so the number of running tasks stays the same.
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await task();
    } finally {
      this.release();
    }
  }

  private release(): void {
    const next = this.waiting[this.head];
    if (next === undefined) {
      this.running -= 1;
      return;
    }
    this.head += 1;
    // Array.shift() costs O(n) for each task; dropping the used part in chunks does not.
    if (this.head >= COMPACT_AT) {
      this.waiting.splice(0, this.head);
      this.head = 0;
    }
    next();
  }
}
