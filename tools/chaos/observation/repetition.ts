/** Repeats an asynchronous action at an interval, and skips a turn while the one before still runs. */
export class Repetition {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly everyMs: number,
    private readonly act: () => Promise<void>,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.running ??= this.act().finally(() => (this.running = undefined));
    }, this.everyMs);
  }

  /** Resolves when the turn that runs has ended. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }
}
