/** Compares the clock of this machine with the one by which all replicas judge. */
export interface IClockCheck {
  /** True when they differ by more than five seconds; false also while no store has answered yet. */
  readonly isOff: boolean;
}

export const CLOCK_CHECK = Symbol('IClockCheck');
