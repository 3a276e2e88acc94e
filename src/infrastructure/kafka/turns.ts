import { endsWithin } from '../../shared/utils/timeout.util.js';

/** Runs pieces of work one after the other; a failure reaches the caller of its own turn alone. */
export class Turns {
  private last: Promise<void> = Promise.resolve();

  async run(work: () => Promise<void>): Promise<void> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    await turn;
  }

  /** Waits for the turns so far. @returns false when the time was up first */
  endWithin(timeoutMs: number): Promise<boolean> {
    return endsWithin(this.last, timeoutMs);
  }
}
