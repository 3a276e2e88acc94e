import type { IClock } from '../../../../src/application/ports/clock.port.js';
import { later, NOW } from '../../builders.js';

/** A clock that stands still until the test sets or advances it. */
export class FixedClock implements IClock {
  private instant: Date;
  private steppedMs = 0;

  constructor(at: Date | string = NOW) {
    this.instant = new Date(at);
  }

  now(): Date {
    return new Date(this.instant);
  }

  elapsedMs(): number {
    return this.instant.getTime() - this.steppedMs;
  }

  /** Steps as a clock does that somebody sets: no time elapses. */
  step(milliseconds: number): void {
    this.instant = later(this.instant, milliseconds);
    this.steppedMs += milliseconds;
  }

  set(at: Date | string): void {
    this.instant = new Date(at);
  }

  advance(milliseconds: number): void {
    this.instant = later(this.instant, milliseconds);
  }
}
