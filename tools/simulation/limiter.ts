/** At most `limit` tasks at a time; the others wait in order of arrival. */
export class Limiter {
  private readonly waiting: (() => void)[] = [];
  private head = 0;
  private running = 0;

  constructor(private readonly limit: number) {}

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.running < this.limit) this.running += 1;
    // A task that ends hands its place on, so the number of running tasks stays as it is.
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
    // Array.shift() costs as much as the queue is long; cutting off the used part now and then does not.
    if (this.head >= 1024) {
      this.waiting.splice(0, this.head);
      this.head = 0;
    }
    next();
  }
}
