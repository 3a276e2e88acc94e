/** Tells the time. Domain and application never read the clock of the process. */
export interface IClock {
  now(): Date;
}

export const CLOCK = Symbol('IClock');
