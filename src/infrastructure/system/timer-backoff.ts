import { setTimeout as delay } from 'node:timers/promises';
import type { IBackoff } from '../../application/ports/backoff.port.js';
import { backoffMs } from './backoff.js';

const BOUNDS = { minMs: 250, maxMs: 8_000 };

/** Waits half a second after the first failed attempt, and at most eight seconds. */
export class TimerBackoff implements IBackoff {
  constructor(private readonly bounds: { readonly minMs: number; readonly maxMs: number } = BOUNDS) {}

  async wait(attempt: number): Promise<void> {
    await delay(backoffMs(attempt, this.bounds));
  }
}
