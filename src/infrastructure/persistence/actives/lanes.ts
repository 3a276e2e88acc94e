import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import type { AnswerDeadline } from './answer-deadline.js';

const OVERLOADED =
  'As many figures are being counted as the service may count at once. Send the same request again later.';

/** Bounds how much work runs at once and how much waits, oldest first. */
export class Lanes {
  private readonly waiting: (() => void)[] = [];
  private free: number;

  constructor(
    count: number,
    private readonly maxWaiting: number,
  ) {
    this.free = count;
  }

  /** @throws ApplicationException `overloaded` when too much waits; `answer_too_slow` when its turn came too late */
  async run<T>(deadline: AnswerDeadline, work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await this.wait();
    try {
      deadline.assertWanted();
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }

  private async wait(): Promise<void> {
    if (this.waiting.length >= this.maxWaiting)
      throw new ApplicationException('overloaded', { detail: OVERLOADED });
    await new Promise<void>((resolve) => {
      this.waiting.push(resolve);
    });
  }
}
