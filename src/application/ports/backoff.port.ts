/** Waits before another attempt, longer after each failed one. */
export interface IBackoff {
  /** @param attempt number of the attempt that failed, from 1 */
  wait(attempt: number): Promise<void>;
}

export const BACKOFF = Symbol('IBackoff');
