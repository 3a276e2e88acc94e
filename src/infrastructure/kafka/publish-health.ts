/** Exceeds the longest pause between two attempts of the relay; an older refusal says nothing. */
const REMEMBER_MS = 60_000;

/**
 * Remembers that Kafka refuses what is sent, such as for missing rights or too few replicas in sync.
 * No cheap request finds such a state. An acknowledged batch or a minute without an attempt ends it.
 */
export class PublishHealth {
  private refusal: { readonly error: unknown; readonly atMs: number } | null = null;

  /** @param saysNothing is true for errors that concern one batch alone, or that a check finds by itself */
  constructor(
    private readonly saysNothing: (error: unknown) => boolean,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Runs a send and remembers its result. @throws the error of the send */
  async watch(send: () => Promise<void>): Promise<void> {
    try {
      await send();
      this.refusal = null;
    } catch (error) {
      if (!this.saysNothing(error)) this.refusal = { error, atMs: this.nowMs() };
      throw error;
    }
  }

  /** @throws the error of the last send when Kafka refused it */
  check(): void {
    if (this.refusal === null) return;
    if (this.nowMs() - this.refusal.atMs < REMEMBER_MS) throw this.refusal.error;
    this.refusal = null;
  }
}
