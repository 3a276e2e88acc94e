/** The only source of the present: domain and application never ask the process. */
export interface IClock {
  now(): Date;
}

export const CLOCK = Symbol('IClock');
