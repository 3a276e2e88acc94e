import { watchCurrentWork } from '../../../shared/context/work-context.js';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { ANSWER_TIMEOUT_MS } from '../../../shared/rules/request-budget.rule.js';

/** Ends work in several steps once nobody waits for its answer: after the time of an answer, or with its request. */
export class AnswerDeadline {
  private readonly endsAtMs: number;
  private readonly isWorkOver = watchCurrentWork();

  constructor(timeoutMs = ANSWER_TIMEOUT_MS) {
    this.endsAtMs = performance.now() + timeoutMs;
  }

  /** @throws ApplicationException `answer_too_slow` */
  assertWanted(): void {
    if (this.isWorkOver() || performance.now() >= this.endsAtMs)
      throw new ApplicationException('answer_too_slow');
  }
}
