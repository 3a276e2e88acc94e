/** Source of the current time; domain and application never read the process's clock. */
export interface IClock {
  /** Returns the time of the stores, which is the same for all replicas. It may step when the stores' clock does. */
  now(): Date;

  /** Returns milliseconds since an arbitrary moment, to measure durations: unlike {@link now} it never steps. */
  elapsedMs(): number;
}

export const CLOCK = Symbol('IClock');
