import type { IClock } from '../../domain/repositories/clock.interface.js';

export class SystemClock implements IClock {
  now(): Date {
    return new Date();
  }
}
