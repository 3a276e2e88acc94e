/** Reads the two clocks of a device, in milliseconds. */
export interface Clock {
  /** Unix time by the device's clock; users and networks set it, also backwards. */
  wallMs(): number;
  /** Time since any fixed moment of this process; never goes backwards. */
  monotonicMs(): number;
  /**
   * True when the monotonic clock also counts while the device sleeps. Otherwise a wall clock that ran ahead
   * looks like sleep, and only a wall clock that was set back is corrected.
   */
  readonly monotonicCountsSleep: boolean;
}

/** Calls back once after a delay; the result cancels the call. */
export type StartTimer = (callback: () => void, delayMs: number) => () => void;
