import type { IClock } from '../../application/ports/clock.port.js';

/** The clock of this machine, for commands that have no store to ask. */
export class SystemClock implements IClock {
  now(): Date {
    return new Date();
  }

  elapsedMs(): number {
    return performance.now();
  }
}
