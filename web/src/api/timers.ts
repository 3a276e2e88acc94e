/** The clock and the chances of a browser; tests pass their own. */
export interface Timers {
  /** Unix milliseconds. */
  nowMs(): number;
  /** @returns a function that cancels the call */
  after(delayMs: number, call: () => void): () => void;
  /** @returns a number from 0 to 1 */
  random(): number;
}

export const BROWSER_TIMERS: Timers = {
  nowMs: () => Date.now(),
  after(delayMs, call) {
    const timer = setTimeout(call, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
  random: () => Math.random(),
};
