/** Source of the current time; domain and application never read the process's clock. */
export interface IClock {
  now(): Date;
}

export const CLOCK = Symbol('IClock');
