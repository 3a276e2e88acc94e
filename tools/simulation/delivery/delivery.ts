/** The part of a message that the service may have stored before an attempt. */
export type StoredBefore = 'nothing' | 'unknown' | 'everything';

/** The result of delivering one message; times are on the monotonic clock. */
export interface Delivery {
  /** True when at least one 2xx response was read to its end. */
  readonly answered: boolean;
  /** True when at least one attempt may have reached the service. */
  readonly mayHaveArrived: boolean;
  /** The last moment at which the service may have handled an attempt. */
  readonly lastEndedMs: number;
  /** The time at which the latest answered attempt was sent. */
  readonly answeredSentMs: number;
  readonly longestAttemptMs: number;
}

/** Collects the attempts at one message. */
export class DeliveryState implements Delivery {
  attempts = 0;
  answered = false;
  mayHaveArrived = false;
  lastEndedMs = -Infinity;
  answeredSentMs = -Infinity;
  longestAttemptMs = 0;
  retryAfterMs: number | undefined;

  get storedBefore(): StoredBefore {
    return this.answered ? 'everything' : this.mayHaveArrived ? 'unknown' : 'nothing';
  }

  /** Records the end of an attempt that may have arrived. */
  recordAttempt(sentMs: number): void {
    this.attempts += 1;
    this.lastEndedMs = performance.now();
    this.longestAttemptMs = Math.max(this.longestAttemptMs, this.lastEndedMs - sentMs);
  }

  recordSuccess(sentMs: number): void {
    this.answered = true;
    this.mayHaveArrived = true;
    this.answeredSentMs = sentMs;
  }
}
